"""URLs in texts: their user information (RFC 3986 §3.2.1) and the query parameters that are secret."""

import re
from collections.abc import Callable
from urllib.parse import unquote

from leeward.jobs.secret import REDACTED
from leeward.redaction.names import is_secret_in_query

USERINFO = "userinfo"
"""The name by which what stood before the `@` is reported."""
Found = Callable[[str, str], None]
"""Called with the name and the value of each part that was hidden."""

_DEEPEST = 4
"""So often is a URL looked through that is a parameter of another one, which is a parameter of another one."""
# Quotes are legal in URLs, and end them in texts. They end them where the text continues after them.
_QUOTE = r"""(?:"(?![\s,:;)\]}>]|\Z)|'(?![\s,:;)\]}>]|\Z))"""
_USERINFO = re.compile(
    # Also with the slashes escaped, as JSON may have them, or without a scheme; then only with a password.
    r"""(?P<before>:(?:\\{0,4}/){2}|(?<![\w:/.])//(?=[^/?#\s"'<>@:]{0,200}:))"""
    rf"""(?P<plain>(?:[^/?#\s"'<>@]|{_QUOTE})*(?:@(?:[^/?#\s"'<>@]|{_QUOTE})*)*)@"""
    # The same where the URL is a parameter of another one, and escaped once or more.
    r"|(?P<quoted_before>%(?P<level>(?:25)*)2F%(?P=level)2F)(?P<quoted>(?:(?!%(?P=level)2F)[^\s/&@])+)(?P<quoted_at>%(?P=level)40)",
    re.IGNORECASE,
)
# A separator, a name and a sign of equality; also where a URL is a parameter of another one and its signs are escaped, or where JSON or
# HTML has written `&` as an escape.
_PARAMETER = re.compile(
    r"(?:[?&;#]|\\u0026|\\x26|&\#0{0,3}38;|%(?P<level>(?:25){0,4})(?:3F|26|23))"
    r"(?P<name>(?:[\w.~\[\]$:+*!-]|%(?!(?:25){0,4}(?:3F|26|23|3D))(?:25){0,4}[0-9A-F]{2}){1,300})"
    r"(?:=|%(?:25){0,4}3D)",
    re.IGNORECASE,
)
_VALUE_UNTIL = (
    r"""(?:(?!{end}|;[\w.~\[\]-]{{1,64}}=|\\u0026|\\x26|\\["'\\nrt]|\\\Z)[^&#\s"'<>]|"""
    + _QUOTE.replace("{", "{{").replace("}", "}}")
    + r")+"
)
_VALUE = re.compile(_VALUE_UNTIL.format(end=r"(?!)"), re.IGNORECASE)
_VALUES_INSIDE = [
    re.compile(_VALUE_UNTIL.format(end=f"%{'25' * level}(?:26|23)"), re.IGNORECASE) for level in range(_DEEPEST + 1)
]
"""A value by how often the separator before its name was escaped: those of its own level end it."""


def without_url_secrets(text: str, found: Found | None = None) -> str:
    """The text whose URLs have lost what opens a door."""
    if "@" in text or "40" in text:
        text = _USERINFO.sub(lambda match: _userinfo(match, found), text)
    if "=" in text or "3D" in text or "3d" in text:
        text = _without_parameters(text, found)
    return text


def _userinfo(match: re.Match[str], found: Found | None) -> str:
    plain = match["plain"] is not None
    if found is not None:
        found(USERINFO, match["plain"] if plain else _unquoted(match["quoted"]))
    return f"{match['before']}{REDACTED}@" if plain else f"{match['quoted_before']}{REDACTED}{match['quoted_at']}"


def _without_parameters(text: str, found: Found | None) -> str:
    parts, done = [], 0
    match = _PARAMETER.search(text)
    while match is not None:
        end = match.end()
        if is_secret_in_query(_unquoted(match["name"])):
            level = match["level"]
            value = (_VALUE if level is None else _VALUES_INSIDE[len(level) // 2]).match(text, end)
            if value is not None:
                if found is not None:
                    found(_unquoted(match["name"]), unquote(value[0]))
                parts += [text[done:end], REDACTED]
                done = end = value.end()
        # A value that is not a secret may be a URL with one.
        match = _PARAMETER.search(text, end)
    return "".join([*parts, text[done:]])


def _unquoted(text: str) -> str:
    for _ in range(_DEEPEST + 1):
        text, before = unquote(text), text
        if text == before:
            break
    return text
