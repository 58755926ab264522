"""Jellyfin's rules for user names, applied before it is asked, so that its 400 to a create can only mean a duplicate."""

import unicodedata

_SIGNS = frozenset(" -'._@+")
_WORD_CATEGORIES = frozenset({"Lu", "Ll", "Lt", "Lm", "Lo", "Mn", "Nd", "Pc"})
_DOTLESS_I = "\u0131"


def is_valid(name: str) -> bool:
    r"""Whether Jellyfin takes the name: `^(?!\\s)[\\w\\ \\-'._@+]+(?<!\\s)$`, with .NET's meaning of `\\w`."""
    return bool(name) and name == name.strip() and all(_is_allowed(character) for character in name)


def normalized(name: str) -> str:
    """The form in which Jellyfin keeps names unique: .NET's ToUpperInvariant, one character for one character."""
    return "".join(_upper(character) for character in name)


def _is_allowed(character: str) -> bool:
    return character in _SIGNS or unicodedata.category(character) in _WORD_CATEGORIES


def _upper(character: str) -> str:
    upper = character.upper()
    return character if len(upper) != 1 or character == _DOTLESS_I else upper
