"""The loops of periodic actors: each item on its own, so that one which fails keeps no other."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TypeVar

import dramatiq
import structlog

from broker.broker import LeewardBroker
from broker.events import TickItems
from leeward.redaction import cleaned

_log = structlog.get_logger(__name__)
Item = TypeVar("Item")


class NothingDone(Exception):
    """Raised when a tick could do nothing of what it was for: it has not run, and is tried again."""


@dataclass(frozen=True, slots=True)
class Tally:
    """How many items were done, and how many failed."""

    done: int
    failed: int


def each(
    broker: dramatiq.Broker,
    actor: str,
    items: Iterable[Item],
    do: Callable[[Item], object],
    called: Callable[[Item], str],
) -> Tally:
    """Does every item, whatever becomes of the others; failures are logged as `tick_item_failed` and counted in
    `leeward_tick_items_total`.

    Args:
        broker: whose metrics count.
        actor: whose tick it is.
        items: what there is to do.
        do: does one.
        called: what an item is called in the log.

    Raises:
        NothingDone: there were items, and every one failed.
    """
    done, failures = 0, list[str]()
    for item in items:
        try:
            do(item)
        except Exception as error:  # whatever it is, the others are not to blame
            failures.append(cleaned(f"{type(error).__name__}: {error}"))
            _log.warning("tick_item_failed", actor=actor, item=called(item), error=failures[-1])
        else:
            done += 1
    if isinstance(broker, LeewardBroker) and done + len(failures):
        broker.events.emit(TickItems(actor, done, len(failures)))
    if failures and not done:
        raise NothingDone(f"none of {len(failures)} could be done; the first: {failures[0]}")
    return Tally(done, len(failures))
