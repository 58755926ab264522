"""smtplib's exceptions and a relay's replies, translated into our own errors."""

import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager

from providers.errors import Misconfigured, ProviderError, Transient
from providers.smtp.config import SmtpConfig
from providers.smtp.replies import Stage, meaning, needs_patience

_TEXT_LENGTH = 200


def refusal(config: SmtpConfig, stage: Stage, code: int, text: bytes) -> ProviderError:
    """The error for a reply other than the expected one."""
    said = text.decode("utf-8", "replace")
    kind = meaning(code, said, stage, config.overrides)
    wait = config.patience if kind is Transient and needs_patience(code, said) else None
    shown = " ".join(said.split())[:_TEXT_LENGTH] or "no explanation"
    message = f"the mail server answered {code}: {shown}" if code > 0 else "what answers does not speak SMTP"
    return kind(
        message, provider=config.name, operation=stage.value, status=code if code > 0 else None, retry_after=wait
    )


@contextmanager
def translated(config: SmtpConfig, stage: Stage) -> Iterator[None]:
    """Runs one step of a session; whatever smtplib raises comes out as one of our own errors.

    A lost connection is Transient here: the caller knows where it would be more than that.
    """
    try:
        yield
    except smtplib.SMTPResponseException as error:
        text = error.smtp_error if isinstance(error.smtp_error, bytes) else str(error.smtp_error).encode()
        raise refusal(config, stage, error.smtp_code, text) from error
    except (smtplib.SMTPServerDisconnected, TimeoutError, ConnectionError) as error:
        raise lost(config, stage, error) from error
    except smtplib.SMTPException as error:
        raise _wrong_setting(config, stage, str(error)) from error
    except ssl.SSLCertVerificationError as error:
        raise _wrong_setting(config, stage, f"its certificate is not trusted: {error.verify_message}") from error
    except ssl.SSLError as error:
        if error.reason == "WRONG_VERSION_NUMBER":
            raise _wrong_setting(config, stage, "it does not speak TLS on this port; try starttls") from error
        raise lost(config, stage, error) from error
    except OSError as error:
        raise lost(config, stage, error) from error


def lost(config: SmtpConfig, stage: Stage, error: BaseException) -> Transient:
    """The error for no answer."""
    message = f"the mail server gave no answer: {type(error).__name__}: {error}"
    return Transient(message, provider=config.name, operation=stage.value, unreachable=True)


def _wrong_setting(config: SmtpConfig, stage: Stage, why: str) -> Misconfigured:
    return Misconfigured(
        f"the mail server cannot be used as configured: {why}", provider=config.name, operation=stage.value
    )
