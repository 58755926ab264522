"""What a relay's refusals mean (RFC 5321 §4.2, RFC 3463).

4yz may be tried again, 5yz not. The enhanced code's class is preferred where both are there. `override` comes before all.
"""

import re
from collections.abc import Iterable
from enum import StrEnum

from providers.errors import AuthFailed, Misconfigured, Permanent, ProviderError, Transient
from providers.smtp.override import KNOWN, Override

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


_BEFORE_ANY_MAIL = frozenset({Stage.CONNECT, Stage.STARTTLS, Stage.AUTH})
_ABOUT_CREDENTIALS = frozenset({530, 534, 535, 538})
_ABOUT_THE_SENDER = frozenset({"5.1.7", "5.1.8"})
_NEEDS_PATIENCE = re.compile(r"4\.2\.[12]|4\.7\.1")
_GREYLISTED = re.compile(r"gr[ae]y[ -]?list", re.IGNORECASE)
_ENHANCED = re.compile(r"([245])\.\d{1,3}\.\d{1,3}(?=\s|$)")
_REFUSALS = range(400, 600)
_PERMANENT = range(500, 600)


def meaning(code: int, text: str, stage: Stage, overrides: Iterable[Override] = ()) -> type[ProviderError]:
    """The class of error that a reply other than the expected one stands for."""
    for override in (*overrides, *KNOWN):
        if override.matches(code, text):
            return override.kind
    if code not in _REFUSALS:
        return Misconfigured if stage is Stage.CONNECT else Transient  # not SMTP at all, or out of step
    if _is_temporary(code, text):
        return Transient
    if code in _ABOUT_CREDENTIALS:
        return AuthFailed
    if stage in _BEFORE_ANY_MAIL or (stage is Stage.MAIL and enhanced(text) in _ABOUT_THE_SENDER):
        return Misconfigured  # every mail would fail the same way
    return Permanent


def needs_patience(code: int, text: str) -> bool:
    """Whether a pause of seconds is in vain: greylisting, a full mailbox, one that receives too much."""
    found = enhanced(text) or ""
    return _is_temporary(code, text) and bool(_NEEDS_PATIENCE.fullmatch(found) or _GREYLISTED.search(text))


def enhanced(text: str) -> str | None:
    """The enhanced status code at the beginning of a reply's text, as `4.7.1`."""
    found = _ENHANCED.match(text)
    return None if found is None else found[0]


def _is_temporary(code: int, text: str) -> bool:
    found = enhanced(text)
    if found is not None and not found.startswith("2"):
        return found.startswith("4")
    return code not in _PERMANENT
