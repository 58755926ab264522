"""Text as encoded words (RFC 2047)."""

import base64
import re
from collections.abc import Iterator

LONGEST = 75
"""Characters of an encoded word, RFC 2047 §2."""
_FRAME = "=?utf-8?b??="
# C0 and C1 controls, the line and paragraph separators, halves of surrogate pairs and noncharacters. Some readers break lines at them,
# drop them or replace them.
_UNWRITABLE = re.compile(
    "[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufdd0-\ufdef"
    + "".join(f"{chr(plane + 0xFFFE)}{chr(plane + 0xFFFF)}" for plane in range(0, 0x110000, 0x10000))
    + "]"
)


class Unwritable(ValueError):
    """Raised when a text cannot stand in a header field so that every reader reads it back; the message says why."""


def check_writable(text: str) -> None:
    """Raises:
    Unwritable: it holds a character that no header field can carry.
    """
    if found := _UNWRITABLE.search(text):
        raise Unwritable(f"a header field cannot hold the character U+{ord(found[0]):04X}; remove it")


def is_plain(text: str) -> bool:
    """Whether text can go out as it is: ASCII, without what readers take for an encoded word or spaces that some of them drop."""
    return text.isascii() and "=?" not in text and text == " ".join(text.split())


def encoded_words(text: str, longest: int = LONGEST) -> list[str]:
    """The text as encoded words of at most so many characters, each of whole characters.

    The spaces of the text are inside the words: readers drop what stands between two of them (RFC 2047 §6.2).
    """
    return [encoded_word(piece) for piece in _pieces(text, (longest - len(_FRAME)) // 4 * 3)]


def encoded_word(text: str) -> str:
    """The text as one encoded word, however long."""
    return f"=?utf-8?b?{base64.b64encode(text.encode()).decode('ascii')}?="


def _pieces(text: str, most_bytes: int) -> Iterator[str]:
    piece, size = "", 0
    for character in text:
        length = len(character.encode())
        if size + length > most_bytes:
            yield piece
            piece, size = "", 0
        piece, size = piece + character, size + length
    yield piece
