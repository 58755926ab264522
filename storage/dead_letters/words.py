"""Looking for what is written in dead letters: whole words anywhere, and parts of an error.

The expressions are those of the indexes `ix_dead_letters_words` and `ix_dead_letters_error`; only then PostgreSQL uses them.
"""

import re

from sqlalchemy import ColumnElement, Text, and_, cast, func, or_
from sqlalchemy.dialects.postgresql import TSQUERY

from storage.searched import error_text, words
from storage.tables import dead_letters

_SEPARATORS = re.compile(r"[\x00-\x2f\x3a-\x40\x5b-\x60\x7b-\x7f]+")
"""Everything in ASCII that is neither letter nor digit, as `leeward_words` has it; all other characters belong to words."""


def words_in(text: str) -> list[str]:
    """The words of a text, each once, in their order."""
    return list(dict.fromkeys(word for word in _SEPARATORS.split(text.lower()) if word and not word.isspace()))


def with_words(text: str) -> list[ColumnElement[bool]]:
    """Dead letters in which every word of this text stands somewhere.

    The index answers alone. A plan that looks at rows instead would make each one's words, which takes a hundred times as long as to see
    that a word cannot be in it; so that is asked, too, and PostgreSQL asks what is cheap first.
    """
    wanted = words_in(text)
    query = func.plainto_tsquery("simple", " ".join(wanted), type_=TSQUERY)
    plausible = [_written().icontains(word, autoescape=True) for word in wanted if word.isascii()]
    return [words(dead_letters.c).bool_op("@@")(query), *plausible]


def in_error(part: str) -> ColumnElement[bool]:
    """Dead letters with this part in their error's type or message, whatever the case."""
    row = dead_letters.c
    anywhere = or_(row.error_message.icontains(part, autoescape=True), row.error_type.icontains(part, autoescape=True))
    return and_(error_text(row).icontains(part, autoescape=True), anywhere)


def _written() -> ColumnElement[str]:
    """Everything that words are made of."""
    row = dead_letters.c
    parts = [
        func.coalesce(column, "")
        for column in (
            row.note,
            row.request_id,
            row.idempotency_key,
            row.trace_id,
            row.tenant,
            row.error_type,
            row.error_message,
        )
    ]
    return func.concat_ws(" ", row.job_id, *parts, func.coalesce(cast(row.payload, Text), ""), type_=Text)
