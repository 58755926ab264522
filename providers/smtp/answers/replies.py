"""What a relay's refusals mean (RFC 5321 §4.2, RFC 3463): the relay, us, or this recipient.

In order: what operators have set, allowances and rates, sessions that the relay has not, credentials, us, the recipient. Within each the
enhanced code takes precedence over the text, and the text over the stage and the code.
"""

from collections.abc import Iterable
from enum import StrEnum

from leeward.extension.errors import (
    AuthFailed,
    Misconfigured,
    Permanent,
    ProviderError,
    QuotaExceeded,
    RateLimited,
    TargetUnavailable,
    Transient,
)
from providers.smtp.answers import enhanced_status, known_texts
from providers.smtp.answers.enhanced_status import detail, enhanced
from providers.smtp.answers.override import Override

__all__ = ["BEFORE_ANY_MAIL", "CLOSING", "Stage", "enhanced", "meaning", "needs_patience"]

CLOSING = 421
"""The server ends the connection with this reply, whatever it answers."""


class Stage(StrEnum):
    """What was asked; also the operation's name in errors."""

    CONNECT = "connect"
    STARTTLS = "start_tls"
    AUTH = "sign_in"
    MAIL = "mail_from"
    RCPT = "rcpt_to"
    DATA = "data"
    FINAL = "final_dot"


BEFORE_ANY_MAIL = frozenset({Stage.CONNECT, Stage.STARTTLS, Stage.AUTH})
_ABOUT_CREDENTIALS = frozenset({530, 534, 535, 538})
_ABOUT_THE_COMMAND = frozenset({500, 502, 503})
_TOO_LARGE = 552
_TAKES_NO_MAIL = 521
"""Of a host that never does (RFC 7504). `5.3.2`, which it has beside that, is elsewhere a host that does not now."""
_REFUSALS = range(400, 600)
_PERMANENT = range(500, 600)


def meaning(code: int, text: str, stage: Stage, overrides: Iterable[Override] = ()) -> type[ProviderError]:
    """The class of error that a reply other than the expected one means."""
    for override in overrides:
        if override.matches(code, text):
            return override.kind
    if code not in _REFUSALS:
        return Misconfigured if stage is Stage.CONNECT else Transient  # not SMTP at all, or out of step
    said = known_texts.folded(text)
    recipient = stage not in {*BEFORE_ANY_MAIL, Stage.MAIL} and _names_the_recipient(text, said)
    if limited := _limited(text, said):
        return limited
    if known_texts.CROWDED.search(said):
        return Transient  # some say it with a permanent code
    if is_temporary(code, text):
        return _temporary(code, text, said, stage, recipient=recipient)
    return _permanent(code, text, said, stage, recipient=recipient)


def needs_patience(code: int, text: str) -> bool:
    """Whether a pause of seconds is in vain: greylisting, a full mailbox, one that receives too much."""
    said = known_texts.folded(text)
    waits = (
        known_texts.GREYLISTING.search(said)
        or detail(text) in enhanced_status.MAY_PASS_FOR_THE_RECIPIENT
        or _names_the_recipient(text, said)
    )
    return is_temporary(code, text) and bool(waits)


def is_temporary(code: int, text: str) -> bool:
    """The enhanced code's class where there is one; else the code's. A server that closes says nothing for good (RFC 5321 §3.8)."""
    found = enhanced(text)
    if code == CLOSING:
        return True
    if found is not None and not found.startswith("2"):
        return found.startswith("4")
    return code not in _PERMANENT


def _names_the_recipient(text: str, said: str) -> bool:
    return detail(text) in enhanced_status.ABOUT_THE_RECIPIENT or bool(known_texts.ABOUT_THE_RECIPIENT.search(said))


def _limited(text: str, said: str) -> type[ProviderError] | None:
    if detail(text) in enhanced_status.OF_THE_MAILBOX or known_texts.ABOUT_THE_RECIPIENT.search(said):
        return None  # an allowance of theirs
    if known_texts.PERIODIC_QUOTA.search(said):
        return QuotaExceeded  # some call it a rate, which passes in seconds
    if known_texts.RATE.search(said):
        return RateLimited
    return QuotaExceeded if known_texts.QUOTA.search(said) else None


def _temporary(code: int, text: str, said: str, stage: Stage, *, recipient: bool) -> type[ProviderError]:
    if code == CLOSING or known_texts.GREYLISTING.search(said):
        waits_for_recipient = code != CLOSING and stage not in {*BEFORE_ANY_MAIL, Stage.MAIL}
        return TargetUnavailable if waits_for_recipient else Transient
    if recipient:
        return TargetUnavailable
    if stage not in BEFORE_ANY_MAIL and _is_about_us(text, said):
        return Misconfigured
    if detail(text).startswith("3.") or known_texts.ABOUT_THE_RELAY.search(said):
        return Transient
    at_the_message = stage in {Stage.DATA, Stage.FINAL} and needs_patience(code, text)
    return TargetUnavailable if stage is Stage.RCPT or at_the_message else Transient


def _permanent(code: int, text: str, said: str, stage: Stage, *, recipient: bool) -> type[ProviderError]:
    if recipient:
        return Permanent
    if code in _ABOUT_CREDENTIALS and "starttls" not in said:
        return AuthFailed
    if stage in BEFORE_ANY_MAIL or _is_about_us(text, said):
        return Misconfigured
    if code != _TAKES_NO_MAIL and (relays := _about_the_relay(text, said)) is not None:
        return relays
    if stage is Stage.MAIL:  # only our address and the size have been sent
        return Permanent if _is_about_the_size(code, text, said) else Misconfigured
    return Misconfigured if stage is not Stage.FINAL and code in _ABOUT_THE_COMMAND else Permanent


def _about_the_relay(text: str, said: str) -> type[ProviderError] | None:
    """A problem of the relay that has a permanent code: the next mail to any recipient would meet it."""
    if detail(text) == enhanced_status.SET_UP_WRONG:
        return Misconfigured
    return (
        Transient if detail(text) in enhanced_status.ABOUT_THE_RELAY or known_texts.BROKEN_RELAY.search(said) else None
    )


def _is_about_the_size(code: int, text: str, said: str) -> bool:
    return code == _TOO_LARGE or detail(text) in enhanced_status.ABOUT_THE_SIZE or bool(known_texts.SIZE.search(said))


def _is_about_us(text: str, said: str) -> bool:
    return detail(text) in enhanced_status.ABOUT_US or bool(known_texts.ABOUT_US.search(said))
