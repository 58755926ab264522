"""The names that a fleet knows, for completion and for the nearest one to what was typed."""

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches

from leeward.jobs.queue_name import provider_of

__all__ = ["Names"]


@dataclass(frozen=True, slots=True)
class Names:
    """Sorted.

    Attributes:
        queues: every one that was ever declared or enqueued to.
        kinds: of the contract, and those that workers have published.
        actors: of live workers: those of kinds, periodic ones and event handlers.
    """

    queues: tuple[str, ...]
    kinds: tuple[str, ...]
    actors: tuple[str, ...] = ()

    @property
    def providers(self) -> tuple[str, ...]:
        """Those that the queues belong to."""
        return tuple(sorted({provider_of(queue) for queue in self.queues}))

    def unknown(self, what: str, typed: Iterable[str]) -> list[str]:
        """A sentence about each name that the fleet does not know.

        Args:
            what: `queue`, `provider`, `kind` or `actor`.
            typed: the names.
        """
        actors = tuple(sorted({*self.kinds, *self.actors}))
        known = {"queue": self.queues, "provider": self.providers, "kind": self.kinds, "actor": actors}[what]
        return [_sentence(what, name, known) for name in typed if name not in known]


def _sentence(what: str, name: str, known: tuple[str, ...]) -> str:
    close = get_close_matches(name, known, n=1)
    if close:
        return f"There is no {what} {name}: did you mean {close[0]}?"
    return f"There is no {what} {name}: the fleet has {', '.join(known) or 'none yet'}."
