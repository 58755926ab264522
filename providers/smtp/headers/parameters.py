"""File names of attachments (RFC 2183 in the encoding of RFC 2231)."""

import re
from collections.abc import Iterator
from urllib.parse import quote

from providers.smtp.headers.encoded_word import Unwritable, check_writable, is_plain
from providers.smtp.headers.field import FOLD, Field

_PLAIN = re.compile(r"[A-Za-z0-9 !#$&+,.=@^_`{}~()-]{1,60}")
_ENCLOSED = re.compile(r'".*"|<.*>')
_PIECE = 54
"""Characters of a value on a line: what 76 leave beside the parameter's name."""


def disposition(filename: str) -> Field:
    """`Content-Disposition` of an attachment.

    Raises:
        Unwritable: the name holds a character that no header field can carry, begins or ends with a space, or is in quotes or angle
            brackets.
    """
    check_writable(filename)
    if _ENCLOSED.fullmatch(filename):
        raise Unwritable(f"the file name {filename!r} is in quotes or brackets, which readers drop; remove them")
    if filename != filename.strip():
        raise Unwritable(f"the file name {filename!r} begins or ends with a space, which readers drop; remove it")
    return Field("Content-Disposition", ";".join(["attachment", *(f"{FOLD}{part}" for part in _parameters(filename))]))


def _parameters(filename: str) -> list[str]:
    if _PLAIN.fullmatch(filename) and is_plain(filename):
        return [f'filename="{filename}"']
    pieces = list(_pieces(filename))
    if len(pieces) == 1:
        return [f"filename*=utf-8''{pieces[0]}"]
    first, *others = pieces
    return [f"filename*0*=utf-8''{first}", *(f"filename*{number}*={piece}" for number, piece in enumerate(others, 1))]


def _pieces(filename: str) -> Iterator[str]:
    piece = ""
    for character in filename:
        escaped = quote(character, safe="")
        if len(piece) + len(escaped) > _PIECE:
            yield piece
            piece = ""
        piece += escaped
    yield piece
