"""What people may see of addresses and of yt-dlp's texts, which quote them."""

import re
from urllib.parse import urlsplit

_ADDRESS = re.compile(r"https?://[^\s'\"<>]+", re.IGNORECASE)
_CONTROL = re.compile(r"[\x00-\x1f\x7f]+|\x1b\[[0-9;]*m")
_ADDITIONS = re.compile(r"\s*(\(caused by |; please report this issue ).*")
"""The same again, and where to report it."""
_LONGEST = 500
"""Characters."""


def shown_address(url: str) -> str:
    """Scheme, host, port and path: user names, passwords, queries and fragments are secrets."""
    try:
        parts = urlsplit(url)
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        return "an unreadable URL"
    host = f"[{parts.hostname}]" if parts.hostname and ":" in parts.hostname else parts.hostname or ""
    return f"{parts.scheme}://{host}{port}{parts.path}"


def shown_text(text: str) -> str:
    """One line of it, with every address shortened to what may be seen."""
    flat = _ADDITIONS.sub("", _CONTROL.sub(" ", text).strip())
    return _ADDRESS.sub(lambda found: shown_address(found[0]), flat)[:_LONGEST]
