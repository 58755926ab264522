"""Ids as far as it takes to distinguish them. Every command takes the beginning of an id for the whole."""

from collections.abc import Iterable

LEAST = 8
LEAST_OF_TIME_ORDERED = 13
"""Characters of a UUID of version 7: its whole time in milliseconds."""
_VERSION_AT = 14
_UUID_LENGTH = 36


def short_ids(ids: Iterable[str]) -> dict[str, str]:
    """Each id -> its beginning that no other one of these has."""
    ordered = sorted(set(ids))
    found = {}
    for before, id_, behind in zip(["", *ordered], ordered, [*ordered[1:], ""], strict=False):
        needed = max(_in_common(id_, before), _in_common(id_, behind)) + 1
        found[id_] = _beginning(id_, max(needed, _least(id_)))
    return found


def _least(id_: str) -> int:
    is_ordered = len(id_) == _UUID_LENGTH and id_[_VERSION_AT] == "7"
    return LEAST_OF_TIME_ORDERED if is_ordered else LEAST


def _in_common(one: str, other: str) -> int:
    length = 0
    for left, right in zip(one, other, strict=False):
        if left != right:
            break
        length += 1
    return length


def _beginning(id_: str, length: int) -> str:
    return id_[: length + 1] if id_[length - 1 : length] == "-" else id_[:length]
