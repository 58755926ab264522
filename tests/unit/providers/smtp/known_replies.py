"""Replies of real mail servers, and what each is about: read from `known_replies.txt`."""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from leeward.extension import errors
from leeward.extension.errors import ProviderError
from providers.smtp.answers.replies import Stage


class Known(NamedTuple):
    """A reply, where it was told, what it means, and whose words it is."""

    code: int
    text: str
    stage: Stage
    kind: type[ProviderError]
    source: str


def _rows() -> Iterator[Known]:
    for line in Path(__file__).with_suffix(".txt").read_text().splitlines():
        if line and not line.startswith("#"):
            code, stage, kind, source, text = line.split(" | ", 4)
            yield Known(int(code), text.replace("\\n", "\n"), Stage[stage], getattr(errors, kind), source)


EVERY_ONE = tuple(_rows())


def of_kind(kind: type[ProviderError]) -> tuple[Known, ...]:
    return tuple(known for known in EVERY_ONE if known.kind is kind)
