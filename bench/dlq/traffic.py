"""Who writes, decides and reads dead letters all the time, and how long each of them ever had to wait."""

import itertools
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from sqlalchemy import Connection, Engine, create_engine, text

from bench.dlq.letters import one_more
from storage.database.url import parsed

_PAGE = text("SELECT id, state FROM dead_letters ORDER BY id DESC LIMIT 50")
_DECISION = text("UPDATE dead_letters SET version = version + 1, note = 'seen' WHERE id = :id")
_PAUSE_SECONDS = 0.005


@dataclass(slots=True)
class Seen:
    """What one of them has seen.

    Attributes:
        done: statements that the server has confirmed.
        longest_seconds: the slowest of them.
        errors: whatever else it answered.
    """

    done: int = 0
    longest_seconds: float = 0.0
    errors: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Traffic:
    """`inserted` are the numbers of dead letters written, `decided` the ids of those whose version was raised, once for each time."""

    seen: dict[str, Seen]
    inserted: list[int]
    decided: list[object]

    @property
    def longest_seconds(self) -> float:
        return max(each.longest_seconds for each in self.seen.values())

    @property
    def errors(self) -> list[str]:
        return [error for each in self.seen.values() for error in each.errors]


@contextmanager
def traffic(url: str, *, first: int) -> Iterator[Traffic]:
    """Three threads with a connection each: one writes new dead letters, numbered from `first`; one decides; one reads pages."""
    flow = Traffic({name: Seen() for name in ("insert", "decide", "read")}, [], [])
    numbers, stop = itertools.count(first), threading.Event()
    engine = create_engine(parsed(url), isolation_level="AUTOCOMMIT")
    steps: dict[str, Callable[[Connection], None]] = {
        "insert": lambda connection: _insert(connection, next(numbers), flow.inserted),
        "decide": lambda connection: _decide(connection, flow.decided),
        "read": _read,
    }
    threads = [threading.Thread(target=_go_on, args=(engine, steps[name], flow.seen[name], stop)) for name in steps]
    for thread in threads:
        thread.start()
    try:
        yield flow
    finally:
        stop.set()
        for thread in threads:
            thread.join()
        engine.dispose()


def _go_on(engine: Engine, step: Callable[[Connection], None], seen: Seen, stop: threading.Event) -> None:
    with engine.connect() as connection:
        while not stop.wait(_PAUSE_SECONDS):
            began = time.monotonic()
            try:
                step(connection)
                seen.done += 1
            except Exception as error:  # it is a finding
                seen.errors.append(f"{type(error).__name__}: {error}")
            seen.longest_seconds = max(seen.longest_seconds, time.monotonic() - began)


def _insert(connection: Connection, number: int, inserted: list[int]) -> None:
    one_more(connection, number)
    inserted.append(number)


def _decide(connection: Connection, decided: list[object]) -> None:
    id_ = connection.execute(_PAGE).first()
    if id_ is not None and connection.execute(_DECISION, {"id": id_.id}).rowcount:
        decided.append(id_.id)


def _read(connection: Connection) -> None:
    connection.execute(_PAGE).all()
