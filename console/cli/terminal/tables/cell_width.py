"""How many columns of a terminal a text takes: two for wide characters (UAX 11), none for marks on the character before."""

from unicodedata import category, east_asian_width

_NO_COLUMN = frozenset({"Mn", "Me", "Cf"})
_WIDE = frozenset({"W", "F"})


def cell_width(text: str) -> int:
    """Columns. Control characters are not expected."""
    return len(text) if text.isascii() else sum(map(_columns, text))


def beginning(text: str, width: int) -> str:
    """As much of the text as fits in so many columns."""
    taken = 0
    for place, character in enumerate(text):
        taken += _columns(character)
        if taken > width:
            return text[:place]
    return text


def _columns(character: str) -> int:
    if category(character) in _NO_COLUMN:
        return 0
    return 2 if east_asian_width(character) in _WIDE else 1
