"""Fills a migrated database with dead letters: `python -m bench.dlq.load postgresql://... [ROWS]`. The same seed makes the same rows."""

import itertools
import json
import random
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

import psycopg
from psycopg import sql
from sqlalchemy import Engine, text

from bench.dlq import failures
from bench.report import say
from leeward.wire.dead_letter_id import dead_letter_id
from storage.database.engine import create_engine
from storage.dead_letters.groups.group_identity import remember
from storage.dead_letters.intake.new_letter import DeadLetter
from storage.dead_letters.state import State

ROWS = 1_000_000
DAYS = 60
BATCH = 50_000
"""Rows in a COPY, which is a transaction."""
UNEVEN = 1.3
"""The exponent of the sizes of groups: the largest has a fifth of what is no burst, most have a few hundred letters."""


class Burst(NamedTuple):
    """An hour in which a provider takes many jobs down.

    Attributes:
        owner: the owner of all of them; without one if it is empty.
        tenants: whose they are; those of all tenants if there are none.
        key: what their idempotency keys begin with: a word that is in no others.
    """

    share: float
    ended: timedelta
    provider: str
    error_type: str
    key: str
    owner: str = ""
    tenants: tuple[str, ...] = ()


OLD_BURST = Burst(0.3, timedelta(days=20), "jellyfin", "Transient", "nightly", owner="grace")
NEW_BURST = Burst(
    0.1, timedelta(hours=5), "smtp", "AuthFailed", "campaign", tenants=("relay", f"tenant with a long name{'!' * 100}")
)
BURSTS = (OLD_BURST, NEW_BURST)
_TENANTS = [f"tenant-{number:02}" for number in range(60)]
_STATES = (State.FAILED, State.REVIEWING, State.REQUEUED, State.DISCARDED, State.RECOVERED)
_YOUNG, _OLD = (80, 5, 2, 5, 8), (35, 2, 1, 22, 40)
"""Percent of each state among those of the last week and among the others."""
_COLUMNS = ("state", "owner", "finished_at", "generation")


@dataclass(frozen=True, slots=True)
class _Way:
    """One of the failures as the format of a line of COPY."""

    provider: str
    line: str


def load(engine: Engine, *, rows: int = ROWS, seed: int = 1, now: datetime) -> None:
    """Writes about that many letters that died in the 60 days before `now`, through the real tables, triggers and indexes.

    Args:
        engine: of a migrated database without dead letters.
        rows: 40 % of them are the two bursts.
        seed: decides everything but the times, which hang on `now`, too.
    """
    letters = failures.failures()
    with engine.begin() as connection:
        remember(connection, (letter.failure for letter in letters))
    columns = [*_values(letters[0]), *_COLUMNS]
    address = engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute("SET synchronous_commit = off")
        lines = _lines(letters, rows, seed, now)
        for first in lines:
            _copy(connection, columns, itertools.chain([first], itertools.islice(lines, BATCH - 1)))
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as maintenance:
        maintenance.execute(text("VACUUM (ANALYZE) dead_letters"))


def _copy(connection: psycopg.Connection, columns: Sequence[str], lines: Iterator[str]) -> None:
    statement = sql.SQL("COPY dead_letters ({}) FROM STDIN").format(sql.SQL(", ").join(map(sql.Identifier, columns)))
    with connection.transaction(), connection.cursor() as cursor, cursor.copy(statement) as copy:
        # In small parts, so that the server works while we write.
        while part := "".join(itertools.islice(lines, 500)):
            copy.write(part)


def _lines(letters: Sequence[DeadLetter], rows: int, seed: int, now: datetime) -> Iterator[str]:
    """The rows as lines of COPY, the oldest death first."""
    chance = random.Random(seed)
    ways = [_Way(letter.provider, _format(letter)) for letter in letters]
    deaths = sorted(_deaths(letters, rows, chance, now), key=lambda death: death[:2])
    for number, (died_ms, way, burst) in enumerate(deaths):
        died_at = datetime.fromtimestamp(died_ms / 1000, UTC)
        yield ways[way].line % _differences(ways[way].provider, number, died_at, now, chance, burst)


def _deaths(
    letters: Sequence[DeadLetter], rows: int, chance: random.Random, now: datetime
) -> Iterator[tuple[int, int, Burst | None]]:
    """When each died, in ms, which failure it is of, and in which burst."""
    shuffled = list(range(len(letters)))
    chance.shuffle(shuffled)
    weights = [1 / (rank + 1) ** UNEVEN for rank in range(len(letters))]
    end_ms, day_ms = round(now.timestamp() * 1000), 86_400_000
    calm = rows - sum(int(rows * burst.share) for burst in BURSTS)
    for way in chance.choices(shuffled, weights, k=calm):
        yield end_ms - 1 - int(chance.random() * DAYS * day_ms), way, None
    for burst in BURSTS:
        its = [
            way
            for way, letter in enumerate(letters)
            if (letter.provider, letter.error_type) == (burst.provider, burst.error_type)
        ]
        ended_ms = end_ms - burst.ended // timedelta(milliseconds=1)
        for way in chance.choices(its, weights[: len(its)], k=int(rows * burst.share)):
            yield ended_ms - 1 - int(chance.random() * 3_600_000), way, burst


def _differences(
    provider: str, number: int, died_at: datetime, now: datetime, chance: random.Random, burst: Burst | None
) -> dict[str, str]:
    """What a row has of its own."""
    outbox = f"{round(died_at.timestamp() * 1000)}-{number}"
    bits = f"{chance.getrandbits(128):032x}"
    (state,) = chance.choices(_STATES, _YOUNG if now - died_at < timedelta(days=7) else _OLD)
    is_over = state in {State.DISCARDED, State.RECOVERED}
    owner = burst.owner if burst else "ada" if state is State.REVIEWING else None
    tenants = burst.tenants if burst and burst.tenants else _TENANTS
    return {
        "id": str(dead_letter_id(f"{provider}/{outbox}", died_at)),
        "outbox": outbox,
        "job": f"{bits[:8]}-{bits[8:12]}-{bits[12:16]}-{bits[16:20]}-{bits[20:]}",
        "user": f"user-{int(chance.paretovariate(0.7)) % 90_000}",
        "number": str(chance.randrange(1_000_000)),
        "request": f"req{bits[:8]}",
        "trace": bits,
        "key": f"{burst.key if burst else 'key'}-{bits[:12]}",
        "tenant": tenants[int(chance.random() ** 3 * len(tenants))],
        "died": died_at.isoformat(),
        "enqueued": (died_at - timedelta(minutes=chance.randrange(1, 600))).isoformat(),
        "state": state.value,
        "owner": owner or "\\N",
        "finished": min(died_at + timedelta(hours=chance.randrange(1, 72)), now).isoformat() if is_over else "\\N",
    }


def _format(letter: DeadLetter) -> str:
    """A line of COPY with placeholders for what rows have of their own."""
    line = "\t".join(map(_field, _values(letter).values())).replace("%", "%%")
    for placeholder, name in PLACEHOLDERS.items():
        line = line.replace(placeholder, f"%({name})s")
    return f"{line}\t%(state)s\t%(owner)s\t%(finished)s\t0\n"


def _values(letter: DeadLetter) -> dict[str, Any]:
    values = asdict(letter) | {"id": "{id}", "died_at": "{died}", "enqueued_at": "{enqueued}"}
    del values["failure"]
    return values | {"operation": letter.failure.operation, "fingerprint": letter.failure.fingerprint}


PLACEHOLDERS = {
    failures.JOB: "job",
    failures.TRACE: "trace",
    failures.REQUEST: "request",
    failures.KEY: "key",
    failures.NUMBER: "number",
    failures.TENANT: "tenant",
    failures.USER: "user",
    failures.OUTBOX: "outbox",
    "{id}": "id",
    "{died}": "died",
    "{enqueued}": "enqueued",
}


def _field(value: Any) -> str:
    match value:
        case None:
            return "\\N"
        case bytes():
            shown = value.decode()
        case dict() | list():
            shown = json.dumps(value)
        case _:
            shown = str(value)
    return shown.replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n")


def main() -> None:
    url, rows = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else ROWS
    began = time.monotonic()
    load(create_engine(url), rows=rows, now=datetime.now(UTC))
    say(f"{rows:,} dead letters in {time.monotonic() - began:.0f} s")


if __name__ == "__main__":
    main()
