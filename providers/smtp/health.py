"""How a relay is."""

import time
import uuid
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

from providers.errors import ProviderError
from providers.health import Health, answered
from providers.smtp.config import SmtpConfig
from providers.smtp.session_permits import SessionPermits
from providers.smtp.sign_in import sign_in

WAIT = timedelta(seconds=5)
"""How long a look waits for its turn among the sessions of the fleet; then it is one more than the limit, so that a relay whose sessions
all hang is seen."""
LONGEST_REPLY = timedelta(seconds=10)
"""Somebody waits for the answer."""
_LOOK_AGAIN_SECONDS = 0.05


def check_health(config: SmtpConfig, permits: SessionPermits, *, clock: Callable[[], float] = time.monotonic) -> Health:
    """Healthy means that a new session can be opened and signed in: all that is needed before a message. Raises nothing."""

    def look() -> Health:
        session_id = uuid.uuid4().hex
        _wait_for_turn(permits, session_id, clock)
        began = clock()
        try:
            session = sign_in(_hasty(config))
        except ProviderError as error:
            return Health(
                healthy=False, detail=f"{error.operation}: {error}", latency=timedelta(seconds=clock() - began)
            )
        finally:
            permits.release(session_id)
        latency = timedelta(seconds=clock() - began)
        session.take_leave()
        return Health(healthy=True, detail="ready for mail", latency=latency)

    return answered(look, clock=clock)


def _wait_for_turn(permits: SessionPermits, session_id: str, clock: Callable[[], float]) -> None:
    end = clock() + WAIT.total_seconds()
    while not permits.acquire(session_id) and clock() < end:
        time.sleep(_LOOK_AGAIN_SECONDS)


def _hasty(config: SmtpConfig) -> SmtpConfig:
    return replace(
        config,
        connect_timeout=min(config.connect_timeout, LONGEST_REPLY),
        command_timeout=min(config.command_timeout, LONGEST_REPLY),
    )
