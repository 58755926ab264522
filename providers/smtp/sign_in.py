"""Opening a connection: greeting, EHLO, TLS, AUTH."""

import smtplib
import socket
import ssl

from providers.smtp.config import SmtpConfig, Tls
from providers.smtp.failures import translated
from providers.smtp.replies import Stage


def sign_in(config: SmtpConfig) -> smtplib.SMTP:
    """A connection that is ready for mail. The caller closes it.

    Raises:
        ProviderError: see `providers.smtp.replies` and `providers.smtp.failures`.
    """
    with translated(config, Stage.CONNECT):
        connection = _connect(config)
    try:
        with translated(config, Stage.CONNECT):
            if connection.sock is not None:
                # Body and final dot are sent apart; Nagle's algorithm would hold the dot until the body is acknowledged.
                connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                connection.sock.settimeout(config.command_timeout.total_seconds())
            connection.ehlo_or_helo_if_needed()
        if config.tls is Tls.STARTTLS:
            with translated(config, Stage.STARTTLS):
                connection.starttls(context=_context(config))
                connection.ehlo_or_helo_if_needed()
        if config.username is not None and config.password is not None:
            with translated(config, Stage.AUTH):
                connection.login(config.username, config.password.get_secret_value())
    except BaseException:
        connection.close()
        raise
    return connection


def _connect(config: SmtpConfig) -> smtplib.SMTP:
    timeout = config.connect_timeout.total_seconds()
    if config.tls is Tls.IMPLICIT:
        return smtplib.SMTP_SSL(
            config.host, config.port, local_hostname=config.local_name, timeout=timeout, context=_context(config)
        )
    return smtplib.SMTP(config.host, config.port, local_hostname=config.local_name, timeout=timeout)


def _context(config: SmtpConfig) -> ssl.SSLContext:
    return config.ssl_context or ssl.create_default_context()  # smtplib's own default checks no certificate
