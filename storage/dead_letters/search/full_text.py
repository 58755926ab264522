"""Looking for what is written in dead letters: whole words anywhere, and parts of an error.

The expressions are those of the indexes `ix_dead_letters_words` and `ix_dead_letters_error`; only then PostgreSQL uses them.
"""

import itertools
import re
import string
from typing import Any

from sqlalchemy import ColumnElement, Text, all_, and_, bindparam, cast, func, or_, text
from sqlalchemy.dialects.postgresql import ARRAY, TSQUERY

from storage.dead_letters.search.index_expressions import WORDED, Row, error_text, words

_SEPARATORS = re.compile(r"[\x00-\x2f\x3a-\x40\x5b-\x60\x7b-\x7f]+")
"""Everything in ASCII that is neither letter nor digit, as `leeward_words` has it; all other characters belong to words."""
_SMALL = str.maketrans(string.ascii_uppercase, string.ascii_lowercase)
_SPACE, _SIMPLE = text("' '"), text("'simple'")
_NONE = text("0")
_ERROR = bindparam("error", type_=Text)
_THREE = text("'[[:alnum:]]{3}'")
_WILD = re.compile(r"[\\%_]")
_ALSO_OTHERS = str.maketrans("ik", "__")
"""In a pattern: these are the small letters of two that are not in ASCII, too (U+0130 and U+212A)."""
_ESCAPED = r"\\\g<0>"
_BEFORE, _BEHIND = r"(^|[^a-z0-9]|\\[nrt]|[0-9]e[0-9]+)", "(?![a-z0-9])"
"""Around a word. Line breaks in JSON are two characters; and of `1e5abc`, as ids have it, PostgreSQL makes a number and a word."""
_NUMBER = re.compile(r"[0-9]+e[0-9]+")


def words_in(given: str) -> list[str]:
    """The words of a text, each once, in their order. Case is folded in ASCII; PostgreSQL folds that of the others."""
    simple = given.translate(_SMALL)
    return list(dict.fromkeys(word for word in _SEPARATORS.split(simple) if word and not word.isspace()))


def with_words(row: Row) -> ColumnElement[bool]:
    """Dead letters in which every word of a text stands somewhere, as the index answers it; the parameters are those of `words_asked`."""
    query = func.plainto_tsquery(_SIMPLE, bindparam("words", type_=Text), type_=TSQUERY)
    return words(row).bool_op("@@")(query)


def maybe_with_words(row: Row) -> ColumnElement[bool]:
    """Those and some more: to make a row's words takes a hundred times as long as to see that they cannot be in it."""
    written = _written(row)
    # Folding no case but ASCII's halves the time.
    simply = written.collate("C")
    parts, whole, folded = (bindparam(name, type_=ARRAY(Text)) for name in ("parts", "whole", "folded"))
    return and_(
        simply.ilike(all_(parts)),
        # A pattern takes longer, but a short word is a part of many ids.
        simply.regexp_match(all_(whole), flags="i"),
        or_(func.cardinality(folded) == _NONE, written.ilike(all_(folded))),
    )


def words_asked(given: str) -> dict[str, Any]:
    """The parameters of `with_words` and `maybe_with_words`."""
    wanted = words_in(given)
    simple = [word for word in wanted if word.isascii()]
    others = [_letters(word) for word in wanted if not word.isascii()]
    return {
        "words": " ".join(wanted),
        "parts": [f"%{word.translate(_ALSO_OTHERS)}%" for word in simple],
        "whole": [_whole(word) for word in simple],
        "folded": [f"%{letters}%" for letters in others if letters],
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


def has_trigrams() -> ColumnElement[bool]:
    """Whether a part of an error, as `error_asked` has it, has three letters or digits in a row: the index has nothing less."""
    return _ERROR.regexp_match(_THREE)


def _whole(word: str) -> str:
    """A pattern for what has this as a word; for some that has it otherwise, too."""
    return _BEFORE + word.translate(_ALSO_OTHERS).replace("_", ".") + ("" if _NUMBER.fullmatch(word) else _BEHIND)


def _letters(word: str) -> str:
    """The longest run of letters in it, the only thing that PostgreSQL's parser of words keeps together in any language."""
    runs = ("".join(run) for is_letter, run in itertools.groupby(word, str.isalpha) if is_letter)
    return max(runs, key=len, default="")


def _anywhere(part: str) -> str:
    """A pattern for what has this in it."""
    return f"%{_WILD.sub(_ESCAPED, part)}%"


def _written(row: Row) -> ColumnElement[str]:
    """Everything that words are made of."""
    return func.concat_ws(_SPACE, *(cast(row[name], Text) for name in WORDED), type_=Text)
