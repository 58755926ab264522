"""How a relay is."""

import time
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from smtplib import SMTPException

from providers.errors import ProviderError
from providers.health import Health
from providers.smtp.config import SmtpConfig
from providers.smtp.sign_in import sign_in


def check_health(config: SmtpConfig, *, clock: Callable[[], float] = time.monotonic) -> Health:
    """Healthy means that a new connection can be opened and signed in: all that is needed before a message."""
    began = clock()
    try:
        connection = sign_in(config)
    except ProviderError as error:
        return Health(healthy=False, detail=f"{error.operation}: {error}", latency=timedelta(seconds=clock() - began))
    latency = timedelta(seconds=clock() - began)
    with suppress(SMTPException, OSError):
        connection.quit()
    connection.close()
    return Health(healthy=True, detail="ready for mail", latency=latency)
