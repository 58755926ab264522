"""Rule: which dead letters may be replayed with many others, without a person who names each."""

from collections.abc import Callable

from leeward.jobs.kinds import KINDS, KindFacts

NO_EFFECT = "none"
"""What the error of a dead letter says as `effect` when its job had none: it had not begun, or was refused."""


def repeatable_actors() -> list[str]:
    """The actors whose every version may be run twice, as their kinds say."""
    return _every(lambda kind: kind.idempotent)


def marking_actors() -> list[str]:
    """The actors whose every version marks where its effect begins: their dead letters know whether it may have happened."""
    return _every(lambda kind: kind.marks_effect)


def is_repeatable(actor: str, effect: object) -> bool:
    """Whether doing the job of a dead letter again repeats nothing. `effect` is what its error says of that."""
    return actor in repeatable_actors() or (actor in marking_actors() and effect == NO_EFFECT)


def _every(promises: Callable[[KindFacts], bool]) -> list[str]:
    known = KINDS.facts()
    return sorted({kind.kind for kind in known} - {kind.kind for kind in known if not promises(kind)})
