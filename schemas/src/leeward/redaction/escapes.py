"""One known text in any way that it may be escaped: JSON, Python, a URL, HTML, XTEXT of mail commands, nested or mixed."""

import re
from collections.abc import Iterable
from html.entities import codepoint2name

_PLAIN = re.compile(r"[0-9A-Za-z]+")
_LATIN = 0xFF
_MOST = 400
"""Characters that may be escaped: each costs some tens of microseconds whenever an expression is made."""


def are_few(texts: Iterable[str]) -> bool:
    """Whether escapes can be looked for in time."""
    return sum(len(_PLAIN.sub("", text)) for text in texts) <= _MOST


def in_any_escape(text: str) -> str:
    """A regular expression for the text."""
    return "".join(map(_in_any_escape, text))


def _in_any_escape(character: str) -> str:
    plain = re.escape(character)
    if _PLAIN.match(character):
        return plain
    data = character.encode(errors="replace")
    ways = [
        plain,
        rf"\\+{plain}",
        r"%(?:25){0,3}" + r"%(?:25){0,3}".join(f"{byte:02x}" for byte in data),
        _of_units(character),
        _of_html(character),
    ]
    if ord(character) <= _LATIN:
        ways += [rf"\\+x{ord(character):02x}", rf"\+{ord(character):02x}"]
    if character == " ":
        ways.append(r"\+")
    if character in _LETTERS:
        ways.append(rf"\\+{_LETTERS[character]}")
    if not character.isascii():
        read_as_latin = re.escape(data.decode("latin-1"))
        ways += [rf"\\+U{ord(character):08x}", "".join(rf"\\+x{byte:02x}" for byte in data), read_as_latin]
    return f"(?i:{'|'.join(ways)})"


_LETTERS = {"\n": "n", "\r": "r", "\t": "t", "\b": "b", "\f": "f"}


def _of_units(character: str) -> str:
    r"""`\u00e9`, and a pair of them beyond the basic plane."""
    units = character.encode("utf-16-be", "surrogatepass").hex()
    return "".join(rf"\\+u{units[at : at + 4]}" for at in range(0, len(units), 4))


def _of_html(character: str) -> str:
    number = ord(character)
    names = [name for name in (codepoint2name.get(number), "apos" if character == "'" else None) if name]
    return f"&(?:amp;)*(?:#0*{number}|#x0*{number:x}{''.join(f'|{name}' for name in names)});"
