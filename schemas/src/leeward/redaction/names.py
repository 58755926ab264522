"""Rule: which names say that their value is secret."""

import re
from collections.abc import Iterable

_ANYWHERE = (
    r"passw(?:or)?d|passphrase|passcode|secret|token|credential|authorization|bearer|cookie"
    r"|(?:api|private|access|signing|encryption|shared|master|session)[-_. ]?key"
)
_WHOLE = frozenset({"pass", "pwd", "pw", "pin", "otp", "totp", "jwt", "auth", "session", "sessionid", "sid"})
_WHOLE_IN_QUERY = frozenset(
    {
        "sig",
        "signature",
        "key",
        "keypairid",
        "policy",
        "hmac",
        "hdnea",
        "hdnts",
        "ticket",
        "awsaccesskeyid",
        "googleaccessid",
    }
)
"""Parameters that sign or open a URL at clouds and content delivery networks, beside those that are secret anywhere."""
_PREFIX_IN_QUERY = ("xamz", "xgoog")
_SEPARATORS = re.compile(r"[^0-9a-z]+")

_anywhere = re.compile(_ANYWHERE, re.IGNORECASE)
_added: set[str] = set()


def sounds_secret(name: str) -> bool:
    """Whether a field of this name is taken for a secret, whatever its case and its separators."""
    return bool(_anywhere.search(name)) or _plain(name) in _WHOLE or _plain(name) in _added


def is_secret_in_query(name: str) -> bool:
    """The same for a parameter of a URL."""
    plain = _plain(name)
    return sounds_secret(name) or plain in _WHOLE_IN_QUERY or plain.startswith(_PREFIX_IN_QUERY)


def secret_name() -> str:
    """A regular expression for a name that `sounds_secret`, to be compiled without regard to case. Its repetitions are bounded."""
    added = ("[^0-9a-z]?".join(map(re.escape, name)) for name in sorted(_added))
    return rf"(?:[\w.-]{{0,64}}(?:{_ANYWHERE})[\w.-]{{0,64}}|{'|'.join([*sorted(_WHOLE), *added])})"


def add_secret_names(names: Iterable[str]) -> None:
    """Adds to the list, for this process: `iban`, `x-acme-ticket`. Compared whole, whatever their case and separators."""
    _added.update(filter(None, map(_plain, names)))


def _plain(name: str) -> str:
    return _SEPARATORS.sub("", name.lower())
