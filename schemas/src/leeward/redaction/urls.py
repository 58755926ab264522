"""URLs in texts: their user information (RFC 3986 §3.2.1) and the query parameters that are secret."""

import re
from collections.abc import Callable
from urllib.parse import unquote

from leeward.redaction.names import is_secret_in_query
from leeward.secret import REDACTED

USERINFO = "userinfo"
"""The name by which what stood before the `@` is reported."""
Found = Callable[[str, str], None]
"""Is told the name and the value of each part that was hidden."""

_USERINFO = re.compile(
    r"(?<=://)(?P<plain>[^/?#\s\"'<>@]*(?:@[^/?#\s\"'<>@]*)*)@"
    # The same where the URL is a parameter of another one.
    r"|(?<=%2F%2F)(?P<quoted>(?:(?!%2F)[^\s/&@])+)%40",
    re.IGNORECASE,
)
# A separator, a name, a sign of equality and a value; also where a URL is a parameter of another one and its signs are escaped, or where
# JSON has written `&` as an escape.
_PARAMETER = re.compile(
    r"(?P<before>[?&;#]|\\u0026|%3F|%26|%23)(?P<name>[\w.~\[\]-]{1,64})(?P<equals>=|%3D)"
    r"(?P<value>(?:(?!%26|%23|\\u0026)[^&;#\s\"'<>\\])+)",
    re.IGNORECASE,
)


def without_url_secrets(text: str, found: Found | None = None) -> str:
    """The text whose URLs have lost what opens a door."""
    if "@" in text or "%40" in text:
        text = _USERINFO.sub(lambda match: _userinfo(match, found), text)
    if "=" in text or "%3" in text:
        text = _PARAMETER.sub(lambda match: _parameter(match, found), text)
    return text


def _userinfo(match: re.Match[str], found: Found | None) -> str:
    plain = match["plain"] is not None
    value = match["plain"] if plain else unquote(match["quoted"])
    if found is not None:
        found(USERINFO, value)
    return f"{REDACTED}{'@' if plain else '%40'}"


def _parameter(match: re.Match[str], found: Found | None) -> str:
    if not is_secret_in_query(match["name"]):
        return match[0]
    if found is not None:
        found(match["name"], unquote(match["value"]))
    return f"{match['before']}{match['name']}{match['equals']}{REDACTED}"
