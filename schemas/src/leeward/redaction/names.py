"""Rule: which names say that their value is secret."""

import re
from collections.abc import Iterable

_KEYS = "api|private|access|signing|encryption|shared|master|session|auth|license|licence|subscription|app|consumer|client|account|security"
_ANYWHERE = (
    r"pass[-_. ]?w(?:or)?[dt]|pass[-_. ]?(?:phrase|code|key)|secret(?!ar[iy])|token(?!i[sz])|credential|authorization|bearer|cookie"
    rf"|(?:{_KEYS})[-_. ]?key(?!board)"
)
_LAST = r"(?:[-_. ]|(?-i:(?<=[a-z0-9])(?=[A-Z])))(?:pass|pwd|pw|pin|otp|totp|jwt)"
"""Words that are secret as the last one of a name: `db_pass`, `userPin`; not in `compass` and `spin`."""
_WHOLE = frozenset({"pass", "pwd", "pw", "pin", "otp", "totp", "jwt", "auth", "session", "sessionid", "sid"})
_WHOLE_IN_QUERY = frozenset(
    {
        "sig",
        "sign",
        "sas",
        "key",
        "keypairid",
        "policy",
        "hmac",
        "hdnea",
        "hdntl",
        "hdnts",
        "ticket",
        "awsaccesskeyid",
        "googleaccessid",
    }
)
"""Parameters that sign or open a URL at clouds and content delivery networks, beside those that are secret anywhere."""
_PREFIX_IN_QUERY = ("xamz", "xgoog")
_LAST_IN_QUERY = re.compile(r"signature|(?<=[^a-z])sig")
_OF_PAGES = re.compile(r"(?:next|prev(?:ious)?|page|pagination|continuation|cursor|skip|delta)+token")
"""Where the next page of a list begins opens no door."""
_SEPARATORS = re.compile(r"[^0-9a-z]+")

_secret = re.compile(rf".*(?:{_ANYWHERE})|.*{_LAST}\Z", re.IGNORECASE | re.DOTALL)
_added: set[str] = set()


def sounds_secret(name: str) -> bool:
    """Whether a field of this name is taken for a secret, whatever its case and its separators."""
    plain = _plain(name)
    if plain in _WHOLE or plain in _added:
        return True
    return _secret.match(name) is not None and _OF_PAGES.fullmatch(plain) is None


def is_secret_in_query(name: str) -> bool:
    """The same for a parameter of a URL."""
    plain = _plain(name)
    return (
        sounds_secret(name)
        or plain in _WHOLE_IN_QUERY
        or plain.startswith(_PREFIX_IN_QUERY)
        or any(found.end() == len(name) for found in _LAST_IN_QUERY.finditer(name.lower()))
    )


def secret_name() -> str:
    """A regular expression for a name that may be one that `sounds_secret`, to be compiled without regard to case. Its repetitions are
    bounded.
    """
    added = ("[^0-9a-z]?".join(map(re.escape, name)) for name in sorted(_added))
    whole = "|".join([*sorted(_WHOLE), *added])
    return rf"(?:[\w.-]{{0,64}}(?:{_ANYWHERE})[\w.-]{{0,64}}|[\w.-]{{1,64}}{_LAST}|{whole})"


def add_secret_names(names: Iterable[str]) -> None:
    """Adds to the list, for this process: `iban`, `x-acme-ticket`. Compared whole, whatever their case and separators."""
    _added.update(filter(None, map(_plain, names)))


def _plain(name: str) -> str:
    return _SEPARATORS.sub("", name.lower())
