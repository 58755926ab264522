"""Rule: what `critical`, `important` and `optional` mean in numbers, and in order."""

from collections.abc import Mapping

__all__: list[str] = []

WEIGHTS: Mapping[str, int] = {"critical": 6, "important": 3, "optional": 1}
"""How much one of them counts in a score."""
USUAL = "important"
_ORDER = [*WEIGHTS]


def weight(criticality: str) -> int:
    """That of `important` where a worker of an older release does not say it."""
    return WEIGHTS.get(criticality, WEIGHTS[USUAL])


def rank(criticality: str) -> int:
    """The most critical first."""
    return _ORDER.index(criticality if criticality in WEIGHTS else USUAL)
