"""Opening a session: greeting, EHLO, TLS, AUTH."""

import smtplib
from datetime import timedelta
from functools import cache

from providers.smtp.answers.replies import Stage
from providers.smtp.config import SmtpConfig, Tls
from providers.smtp.connections.credentials import authenticate
from providers.smtp.connections.failures import translated
from providers.smtp.connections.session import Session
from providers.trust import trust


def sign_in(config: SmtpConfig, *, within: timedelta | None = None) -> Session:
    """A session that is ready for mail. The caller closes it. With `within`, everything in it ends by then.

    Raises:
        ProviderError: see `providers.smtp.answers.replies` and `providers.smtp.connections.failures`.
    """
    with translated(config, Stage.CONNECT):
        session = Session(local_name=config.local_name or _own_name(), within=within)
        tls = None if config.tls is Tls.NONE else config.ssl_context or trust(config.ca_file)
    try:
        with translated(config, Stage.CONNECT):
            implicit = tls if config.tls is Tls.IMPLICIT else None
            session.open(config.server, config.port, timeout=config.connect_timeout, tls=implicit)
            session.set_timeout(config.command_timeout)
            session.introduce()
        if tls is not None and config.tls is Tls.STARTTLS:
            with translated(config, Stage.STARTTLS):
                session.upgrade(tls, config.server)
                session.introduce()
        if config.username is not None and config.password is not None:
            with translated(config, Stage.AUTH):
                authenticate(session, config.username, config.password.get_secret_value())
    except BaseException:
        session.close()
        raise
    return session


@cache
def _own_name() -> str:
    """This machine's full name, or its address in brackets. Asked for once: the name server may take its time."""
    return smtplib.SMTP().local_hostname
