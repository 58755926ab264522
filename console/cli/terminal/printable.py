"""Text from jobs and providers, made harmless for a terminal."""

import re

_HARMFUL = re.compile(
    "[\x00-\x1f\x7f-\x9f"  # control characters: escape sequences, carriage returns, bells
    "\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff"  # invisible, or turns the direction of what follows
    "\U000e0000-\U000e007f"  # invisible tags
    "\ud800-\udfff]"  # no characters at all; UTF-8 cannot write them
)


def printable(text: object, *, limit: int | None = None) -> str:
    r"""One line in which every control or invisible character is written out, as `\x1b`; at most `limit` characters."""
    harmless = _HARMFUL.sub(lambda found: _written_out(found[0]), str(text))
    return harmless if limit is None or len(harmless) <= limit else harmless[: limit - 1] + "…"


def printable_lines(text: object) -> str:
    """The same for text of several lines, as a traceback: line breaks stay."""
    return "\n".join(printable(line) for line in str(text).split("\n"))


def _written_out(character: str) -> str:
    known = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}
    code = ord(character)
    return known.get(character) or (f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}")  # noqa: PLR2004 # two digits
