"""What a benchmark found: one JSON line on standard output; everything else goes to standard error."""

import json
import sys
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """The figures of one benchmark.

    Attributes:
        plain, leeward: medians in `unit`; None where a system did not get there within the bound.
        ratio: how many times better Leeward is, whichever direction of `unit` is the better one; None when there is no number for both.
        target: what was to be reached, in words.
        met: whether it was.
        details: further figures; what each is follows from its name.
    """

    bench: str
    unit: str
    plain: float | None
    leeward: float | None
    ratio: float | None
    target: str
    met: bool
    details: dict[str, Any] = field(default_factory=dict)

    def line(self) -> str:
        main = ("bench", "unit", "plain", "leeward", "ratio", "target", "met")
        return json.dumps({name: _rounded(getattr(self, name)) for name in main} | _rounded(self.details))


def say(text: str) -> None:
    """Prints progress for the person who watches."""
    print(text, file=sys.stderr, flush=True)


def _rounded(value: Any) -> Any:
    """Four figures: more would be noise."""
    if isinstance(value, dict):
        return {name: _rounded(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_rounded(inner) for inner in value]
    return float(f"{value:.4g}") if isinstance(value, float) else value
