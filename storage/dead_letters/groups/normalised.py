"""A message with everything left out that differs from job to job: what is left is the same for the same failure.

A rule: nothing here knows of databases or clocks. The work is bounded, whatever the text.
"""

import itertools
import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from leeward.jobs.secret import REDACTED

TEXT_LIMIT = 2_000
"""Characters of a message that are looked at."""
MESSAGE_LIMIT = 500
"""Characters that are kept: two messages that first differ behind them are one."""
SHORTEST_VALUE = 3
"""A shorter value of a payload is part of too many words."""
_LONGEST_VALUE = 2_000
_MOST_VALUES = 1_000
_MOST_PLACES = 2_000
_MOST_PASSES = 4
"""Of replacing: what one replaces can lay open something for the next."""

_CLOCK = r"\d{1,2}:\d\d(?::\d\d(?:[.,]\d+)?)?"
_MONTH = "(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]{0,6}"
_WEEKDAY = "(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]{0,6}"
_ZONE = r"(?: ?(?:Z|GMT|UTC|[+-]\d\d:?\d\d)\b)?"
_KINDS = {
    "url": r"""[A-Za-z][A-Za-z0-9+.-]{1,15}://[^\s'"<>]*[^\s'"<>.,;:!?)\]}]""",
    "mail": r"(?<![.+-])[\w.+-]{1,64}@[\w-]+(?:\.[\w-]+)+",
    # Quoted, a path may have blanks.
    "path": r"""(?<=')(?:[~.]{0,2}/|[A-Za-z]:\\)[^'\n]*+(?=')|(?<=")(?:[~.]{0,2}/|[A-Za-z]:\\)[^"\n]*+(?=")"""
    r"""|(?<![.~/<>-])(?:[~.]{0,2}/|[A-Za-z]:\\)[^\s'"<>:,;|]*[^\s'"<>:,;|.)\]}]""",
    "time": rf"\d{{4}}-\d\d-\d\d(?:[T ]{_CLOCK}{_ZONE})?(?!\w)"
    rf"|(?:{_WEEKDAY},? )?(?:\d{{1,2}}[ -]{_MONTH}|{_MONTH} {{1,2}}\d{{1,2}})(?:[ -]\d{{4}})?(?:,? {_CLOCK}{_ZONE})?(?: \d{{4}})?(?!\w)"
    rf"|(?<![:.])(?:\d+ days?, )?\d{{1,2}}:\d\d:\d\d(?:[.,]\d+)?{_ZONE}(?![\w:])",
    "uuid": r"[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}(?![0-9A-Za-z])",
    "ip": r"(?<!\.)\d{1,3}(?:\.\d{1,3}){3}(?::\d{1,5})?(?![\w.]*\w)"
    r"|(?<![:.])(?=[A-Fa-f:]{0,40}\d)(?:[0-9A-Fa-f]{0,4}:){2,7}[0-9A-Fa-f]{0,4}(?![\w:])",
    "token": r"(?<![+/-])(?=[a-z0-9+/_-]{0,60}[A-Z])(?=[A-Z0-9+/_-]{0,60}[a-z])(?=[A-Za-z+/_-]{0,60}\d)[A-Za-z0-9+/_-]{20,}={0,2}",
    "id": r"(?=[0-9A-Fa-f]{0,25}[G-Zg-z])(?:[0-7][0-9A-HJKMNP-TV-Z]{25}|[0-7][0-9a-hjkmnp-tv-z]{25})(?![A-Za-z0-9])",
    # Hexadecimal and decimal cannot always be distinguished, so they are one: 12345678 may be either.
    "number": r"0[xX][0-9A-Fa-f]+(?![A-Za-z0-9])"
    r"|(?:(?=\d{0,64}[A-Fa-f])(?=[A-Fa-f]{0,64}\d)[0-9A-Fa-f]{6,}|[A-Fa-f]{12,})(?![A-Za-z0-9])"
    r"|(?=[A-Za-z]{0,30}\d{1,30}[A-Za-z])[A-Za-z0-9]{8,}(?![A-Za-z0-9])",
}
_DIGITS = r"\d+(?:[.,_]\d+)*(?:[eE][+-]?\d+(?![A-Za-z0-9]))?"
_LOOKS = "|".join(f"(?P<{kind}>{pattern})" for kind, pattern in _KINDS.items())
_VARIABLE = re.compile(rf"(?<![A-Za-z0-9])(?:{_LOOKS})|{_DIGITS}")
_REPEATED = re.compile(r"(<[A-Za-z_]{1,40}>)(?:[,; ]{1,4}\1)+")
_FIELD = re.compile(r"[A-Za-z_]{1,40}")


class _Span(NamedTuple):
    start: int
    end: int
    kind: str


def normalised(message: str, values: Mapping[str, Any], *, keep: int | None = None) -> str:
    """The message on one line, its variable parts as `<url>`, `<number>` and the like; words stay. Normalising twice changes nothing.

    Args:
        message: without secrets; everyone who can see the group can see it.
        values: what the job was about, by field: where a value of at least three characters turns up as a word, its field stands
            instead, as `<user>`.
        keep: a number that belongs to the failure and not to the job, as an answer's status.
    """
    text = " ".join(message[:TEXT_LIMIT].split())
    words = list(_words(values))
    for _ in range(_MOST_PASSES):
        replaced = _once(text, words, keep)
        if replaced == text:
            break
        text = replaced
    return _cut(text)


def _once(text: str, words: list[tuple[str, str]], keep: int | None) -> str:
    parts, at = [], 0
    found = itertools.chain(_variable(text, keep), itertools.islice(_known(text, words), _MOST_PLACES))
    # The longest of those that begin first: a URL rather than the name in it, a name rather than the number in it.
    for start, end, kind in sorted(found, key=lambda span: (span.start, -span.end)):
        if start >= at:
            parts += [text[at:start], f"<{kind}>"]
            at = end
    return _REPEATED.sub(r"\1", "".join([*parts, text[at:]]))


def _cut(text: str) -> str:
    if len(text) <= MESSAGE_LIMIT:
        return text
    return text[: text.rfind(" ", 0, MESSAGE_LIMIT)] if " " in text[:MESSAGE_LIMIT] else text[:MESSAGE_LIMIT]


def _variable(text: str, keep: int | None) -> Iterator[_Span]:
    """The parts that are variable by their looks."""
    for found in _VARIABLE.finditer(text):
        if found[0] != str(keep):
            yield _Span(found.start(), found.end(), found.lastgroup or "number")


def _known(text: str, words: list[tuple[str, str]]) -> Iterator[_Span]:
    """The places where something stands that the job was about."""
    for word, field in words:
        at = text.find(word)
        while at >= 0:
            end = at + len(word)
            if _is_whole(text, at, end):
                yield _Span(at, end, field)
            at = text.find(word, end)


def _is_whole(text: str, start: int, end: int) -> bool:
    before, after = text[start - 1 : start], text[end : end + 1]
    inside = (_is_in_word(before) and _is_in_word(text[start])) or (_is_in_word(after) and _is_in_word(text[end - 1]))
    # `<user>` is our own word by now, whatever the user's name.
    return not inside and (before, after) != ("<", ">")


def _is_in_word(character: str) -> bool:
    return character.isalnum() or character == "_"


def _words(values: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """What to look for, as it is and as errors quote it (Python's repr, JSON), each with its field."""
    for field, value in itertools.islice(_leaves(values), _MOST_VALUES):
        if SHORTEST_VALUE <= len(value) <= _LONGEST_VALUE and value != REDACTED:
            word = " ".join(value.split())
            for form in dict.fromkeys((word, repr(word)[1:-1], json.dumps(word)[1:-1])):
                yield form, field


def _leaves(values: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Every text and number, with the outermost field that it is in: what is named further inside may be a value itself."""
    for field, value in values.items():
        name = field if _FIELD.fullmatch(field) else "value"
        waiting = [value]
        while waiting:
            match waiting.pop():
                case str() as text:
                    yield name, text
                case bool():
                    pass
                case int() | float() as number:
                    yield name, str(number)
                case dict() as inner:
                    waiting += inner.values()
                case list() as inner:
                    waiting += inner
