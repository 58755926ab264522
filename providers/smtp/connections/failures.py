"""What a session raises, smtplib's exceptions and a relay's replies, translated into our own errors."""

import re
import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from leeward.extension.errors import Misconfigured, ProviderError, TargetUnavailable, Transient
from leeward.redaction import excerpt
from providers.smtp.answers import known_texts
from providers.smtp.answers.replies import BEFORE_ANY_MAIL, Stage, meaning
from providers.smtp.config import SmtpConfig
from providers.smtp.connections.credentials import CannotSignIn
from providers.smtp.connections.session import UnreadableReply

_TEXT_LENGTH = 200
_ASKED = re.compile(
    r"(?:in|after|for|wait|another) (\d{1,5}) ?(s|sec|secs|seconds?|m|min|mins|minutes?)\b", re.IGNORECASE
)
_NO_TLS_AT_ALL = frozenset({"WRONG_VERSION_NUMBER", "RECORD_LAYER_FAILURE", "PACKET_LENGTH_TOO_LONG", "HTTP_REQUEST"})
_LONGEST_ASKED = timedelta(hours=1)
CROWDED = timedelta(seconds=20)
"""The shortest pause after a relay had no session left for us: others at our address hold them, and seconds do not end that."""


def refusal(config: SmtpConfig, stage: Stage, code: int, text: bytes) -> ProviderError:
    """The error for a reply other than the expected one."""
    said = text[: known_texts.LONGEST].decode("utf-8", "replace")
    kind = meaning(code, said, stage, config.overrides)
    message = f"the mail server answered {code}: {shown(said)}" if code > 0 else "the answer is not SMTP"
    status = code if code > 0 else None
    if issubclass(kind, TargetUnavailable):
        wait = asked_pause(said)
        return kind(
            message,
            provider=config.name,
            operation=stage.value,
            status=status,
            retry_after=wait,
            patience=config.patience,
        )
    wait = CROWDED if kind is Transient and known_texts.CROWDED.search(known_texts.folded(said)) else None
    return kind(message, provider=config.name, operation=stage.value, status=status, retry_after=wait)


def shown(said: str) -> str:
    """What a server says, as one line without control characters, of bounded length."""
    printable = "".join(character if character.isprintable() else " " for character in said)
    return excerpt(" ".join(printable.split()), _TEXT_LENGTH) or "no explanation"


def asked_pause(said: str) -> timedelta | None:
    """How long a greylisting server asks us to wait, where its text says so; at most an hour is believed."""
    found = _ASKED.search(said)
    if found is None:
        return None
    seconds = int(found[1]) * (1 if found[2].lower().startswith("s") else 60)
    return min(timedelta(seconds=seconds), _LONGEST_ASKED)


@contextmanager
def translated(config: SmtpConfig, stage: Stage) -> Iterator[None]:
    """Runs one step of a session; whatever is raised in it comes out as one of our own errors.

    A lost connection is Transient here: the caller knows where it would be more than that.
    """
    try:
        yield
    except ProviderError:
        raise
    except smtplib.SMTPException as error:
        raise _answer(config, stage, error) from error
    except OSError as error:
        raise _no_connection(config, stage, error) from error
    except Exception as error:
        # Whatever it is: nothing was handed over, and the cause lies in what was set up, not in this one mail.
        why = str(error) if isinstance(error, CannotSignIn) else f"{type(error).__name__}: {error}"
        raise _wrong_setting(config, stage, why) from error


def _answer(config: SmtpConfig, stage: Stage, error: smtplib.SMTPException) -> ProviderError:
    if isinstance(error, smtplib.SMTPResponseException):
        text = error.smtp_error if isinstance(error.smtp_error, bytes) else str(error.smtp_error).encode()
        return refusal(config, stage, error.smtp_code, text)
    if isinstance(error, smtplib.SMTPServerDisconnected):
        return lost(config, stage, error)
    if isinstance(error, UnreadableReply) and stage not in BEFORE_ANY_MAIL:
        return lost(config, stage, error)
    return _wrong_setting(config, stage, str(error))


def _no_connection(config: SmtpConfig, stage: Stage, error: OSError) -> ProviderError:
    if isinstance(error, ssl.SSLCertVerificationError):
        return _wrong_setting(config, stage, f"its certificate is not trusted: {error.verify_message}")
    if isinstance(error, ssl.SSLError) and not isinstance(error, TimeoutError | ssl.SSLEOFError):
        return _tls_failure(config, stage, error)
    return lost(config, stage, error)


def _tls_failure(config: SmtpConfig, stage: Stage, error: ssl.SSLError) -> ProviderError:
    """What the two sides cannot agree on stays so until an operator changes it; a broken connection does not."""
    reason = error.reason or ""
    if reason in _NO_TLS_AT_ALL:
        return _wrong_setting(config, stage, "it does not speak TLS on this port; try starttls")
    if "ALERT" in reason or (stage in BEFORE_ANY_MAIL and "EOF" not in reason):
        return _wrong_setting(config, stage, f"TLS fails: {reason or error}")
    return lost(config, stage, error)


def lost(config: SmtpConfig, stage: Stage, error: BaseException) -> Transient:
    """The error for no answer."""
    message = f"the mail server gave no answer: {type(error).__name__}: {error}"
    condition = "TIMEOUT" if isinstance(error, TimeoutError) else ""
    return Transient(message, provider=config.name, operation=stage.value, unreachable=True, condition=condition)


def _wrong_setting(config: SmtpConfig, stage: Stage, why: str) -> Misconfigured:
    return Misconfigured(
        f"the mail server cannot be used as configured: {shown(why)}", provider=config.name, operation=stage.value
    )
