"""What people may see of yt-dlp's texts, which quote addresses."""

import re

from providers.http_client.location import shown

ADDRESS = re.compile(r"https?://[^\s'\"<>]+", re.IGNORECASE)
_CONTROL = re.compile(r"[\x00-\x1f\x7f]+|\x1b\[[0-9;]*m")
_ADDITIONS = re.compile(r"\s*(\(caused by |; please report this issue ).*")
"""The same again, and where to report it."""
_LONGEST = 500
"""Characters."""


def shown_text(text: str) -> str:
    """One line of it, with every address shortened to what may be seen."""
    flat = _ADDITIONS.sub("", _CONTROL.sub(" ", text).strip())
    return ADDRESS.sub(lambda found: shown(found[0]), flat)[:_LONGEST]
