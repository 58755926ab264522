"""Rule: which description of a kind is published while workers of several releases live.

The one that every worker understands: a field is offered to people when the last worker that would leave it out has gone.
"""

import re
from collections.abc import Iterable

from leeward.record.catalogue import KindSummary
from leeward.record.published_kind import PublishedKind

_PARTS = re.compile(r"\d+|[a-z]+")


def published(own: PublishedKind, current: PublishedKind | None, served: Iterable[KindSummary]) -> PublishedKind:
    """What the record is to hold.

    Secrets only ever grow: letters of every release are still there. A kind is idempotent, or marks its effects, while all that serve it
    say so, because any of them may be the one that runs a replay.

    Args:
        own: as the worker that asks describes it.
        current: what the record holds; None for nothing.
        served: what the workers that live serve of this kind, the one that asks among them.
    """
    others = list(served)
    mine = KindSummary.of(own)
    chosen = own if current is None or mine == min([mine, *others], key=_rank) else current
    secrets = set(own.secrets) | set(() if current is None else current.secrets)
    return chosen.model_copy(
        update={
            "secrets": tuple(sorted(secrets)),
            "idempotent": own.idempotent and all(other.idempotent for other in others),
            "marks_effect": own.marks_effect and all(other.marks_effect for other in others),
        }
    )


def _rank(summary: KindSummary) -> tuple[int, list[tuple[int, str]], str]:
    """The narrowest first. A kind's version never loses a field or gets one that is required, so fewer fields are an older release."""
    # A part that is not a number makes a pre-release: 1.0rc1 is before 1.0.
    parts = [(int(part), "") if part.isdigit() else (-1, part) for part in _PARTS.findall(summary.release)]
    return (summary.fields, [*parts, (0, "")], summary.digest)
