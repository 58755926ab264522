"""Looking for what is written in dead letters: whole words anywhere, and parts of an error.

The expressions are those of the indexes `ix_dead_letters_words` and `ix_dead_letters_error`; only then PostgreSQL uses them.
"""

import re
from typing import Any

from sqlalchemy import ColumnElement, Text, all_, bindparam, cast, func, or_, text
from sqlalchemy.dialects.postgresql import ARRAY, TSQUERY

from storage.searched import WORDED, Row, error_text, words

_SEPARATORS = re.compile(r"[\x00-\x2f\x3a-\x40\x5b-\x60\x7b-\x7f]+")
"""Everything in ASCII that is neither letter nor digit, as `leeward_words` has it; all other characters belong to words."""
_SPACE, _SIMPLE = text("' '"), text("'simple'")
_ERROR = bindparam("error", type_=Text)
_WILD = re.compile(r"[\\%_]")
_ALSO_OTHERS = str.maketrans("ik", "__")
"""In a pattern: these are the small letters of two that are not in ASCII, too (U+0130 and U+212A)."""
_ESCAPED = r"\\\g<0>"


def words_in(given: str) -> list[str]:
    """The words of a text, each once, in their order."""
    return list(dict.fromkeys(word for word in _SEPARATORS.split(given.lower()) if word and not word.isspace()))


def with_words(row: Row) -> ColumnElement[bool]:
    """Dead letters in which every word of a text stands somewhere, as the index answers it; the parameters are those of `words_asked`."""
    query = func.plainto_tsquery(_SIMPLE, bindparam("words", type_=Text), type_=TSQUERY)
    return words(row).bool_op("@@")(query)


def maybe_with_words(row: Row) -> ColumnElement[bool]:
    """Those and some more: to make a row's words takes a hundred times as long as to see that they cannot be in it."""
    # Folding no case but ASCII's halves the time.
    return _written(row).collate("C").ilike(all_(bindparam("parts", type_=ARRAY(Text))))


def words_asked(given: str) -> dict[str, Any]:
    """The parameters of `with_words` and `maybe_with_words`."""
    wanted = words_in(given)
    return {
        "words": " ".join(wanted),
        "parts": [f"%{word.translate(_ALSO_OTHERS)}%" for word in wanted if word.isascii()],
    }


def with_error(row: Row) -> ColumnElement[bool]:
    """Dead letters with a part of their error's type and message, as the index answers it; the parameter is that of `error_asked`."""
    return error_text(row).ilike(_ERROR)


def in_error(row: Row) -> ColumnElement[bool]:
    """Of those the ones that have it in either of them, not across both."""
    return or_(row.error_message.ilike(_ERROR), row.error_type.ilike(_ERROR))


def error_asked(part: str) -> dict[str, Any]:
    """The parameter of `with_error` and `in_error`."""
    return {"error": _anywhere(part)}


def _anywhere(part: str) -> str:
    """A pattern for what has this in it."""
    return f"%{_WILD.sub(_ESCAPED, part)}%"


def _written(row: Row) -> ColumnElement[str]:
    """Everything that words are made of."""
    return func.concat_ws(_SPACE, *(cast(row[name], Text) for name in WORDED), type_=Text)
