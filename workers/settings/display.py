"""Addresses as people may see them."""

from urllib.parse import urlsplit, urlunsplit

from leeward.jobs.secret import REDACTED


def shown_url(url: str) -> str:
    """The URL with its password, and whatever its query may hold, replaced."""
    parts = urlsplit(url)
    account, at, address = parts.netloc.rpartition("@")
    user, colon, _ = account.partition(":")
    shown = f"{user}{colon}{REDACTED if colon else ''}{at}{address}"
    return urlunsplit(parts._replace(netloc=shown, query=REDACTED if parts.query else ""))
