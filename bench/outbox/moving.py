"""From commit to queue, and rows per second, by a relay of the outbox; the rival polls and enqueues row by row."""

import random
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import psycopg

from bench.dlq.database import database
from bench.outbox.relays import LEEWARD, NAIVE, System, stopped
from bench.quantiles import median, quantile
from bench.report import Report, say
from bench.stage import Stage
from leeward.wire.keys import ProviderKeys

TARGET_MS, TARGET_ROWS = 50.0, 5_000.0
LANE = ProviderKeys("jellyfin").root + "ready:sync.jellyfin:normal"
A_TRANSACTION = 10
"""Rows that an application writes at once, where it has many."""


@dataclass(frozen=True, slots=True)
class Plan:
    samples: int
    gap_seconds: tuple[float, float]
    rows: int
    naive_rows: int
    rounds: int


FULL = Plan(samples=150, gap_seconds=(0.005, 0.1), rows=20_000, naive_rows=2_000, rounds=3)
QUICK = Plan(samples=40, gap_seconds=(0.005, 0.05), rows=5_000, naive_rows=500, rounds=1)


class Figures:
    """Of one system, over all rounds."""

    def __init__(self) -> None:
        self.latencies_ms: list[float] = []
        self.rates: list[float] = []


def run(stage: Stage, *, quick: bool) -> Report:
    plan = QUICK if quick else FULL
    found = {LEEWARD: Figures(), NAIVE: Figures()}
    with database() as url, TemporaryDirectory() as folder:
        with psycopg.connect(url) as connection:
            for system in found:
                system.create(connection)
        for _ in range(plan.rounds):
            for system, figures in found.items():
                _round(stage, plan, system, figures, url, Path(folder))
    return _report(plan, found[LEEWARD], found[NAIVE])


def _round(stage: Stage, plan: Plan, system: System, figures: Figures, url: str, folder: Path) -> None:
    stage.clear()
    with _relayed(stage, system, url, folder) as (connection, process):
        # The first row opens connections, and is no sample.
        _latency_ms(stage, system, connection, "first")
        for number in range(plan.samples):
            time.sleep(random.uniform(*plan.gap_seconds))
            figures.latencies_ms.append(_latency_ms(stage, system, connection, f"user-{number}"))
        rows = plan.rows if system is LEEWARD else plan.naive_rows
        with stopped(process):
            _write(system, connection, rows)
        began = time.monotonic()
        _wait_until_empty(system, connection)
        figures.rates.append(rows / (time.monotonic() - began))
        there = stage.client.hlen(ProviderKeys("jellyfin").jobs) - plan.samples - 1
        assert there == rows, f"{system.name} wrote {rows} rows, and the queue has {there} of them"
    say(f"{system.name}: {median(figures.latencies_ms):.1f} ms, {figures.rates[-1]:,.0f} rows/s")


@contextmanager
def _relayed(stage: Stage, system: System, url: str, folder: Path) -> Iterator[tuple[Any, Any]]:
    with psycopg.connect(url) as connection, system.relay(url, stage.url, folder) as process:
        yield connection, process


def _latency_ms(stage: Stage, system: System, connection: "psycopg.Connection", user: str) -> float:
    """From the moment when the application says COMMIT: the disk's share is in it."""
    system.add(connection, [user], spread=False)
    began = time.monotonic()
    connection.commit()
    arrived = stage.client.blpop([LANE], timeout=4)
    assert arrived is not None, f"{system.name} has not enqueued a row within seconds"
    return (time.monotonic() - began) * 1000


def _write(system: System, connection: "psycopg.Connection", rows: int) -> None:
    for start in range(0, rows, A_TRANSACTION):
        system.add(connection, [f"user-{number}" for number in range(start, start + A_TRANSACTION)], spread=True)
        connection.commit()


def _wait_until_empty(system: System, connection: "psycopg.Connection") -> None:
    while system.rows(connection):
        connection.commit()
        time.sleep(0.01)
    connection.commit()


def _report(plan: Plan, ours: Figures, naive: Figures) -> Report:
    ms, rate = median(ours.latencies_ms), median(ours.rates)
    return Report(
        bench="outbox",
        unit="ms from commit to queue",
        plain=median(naive.latencies_ms),
        leeward=ms,
        ratio=median(naive.latencies_ms) / ms,
        target=f"median <= {TARGET_MS:g} ms and >= {TARGET_ROWS:,.0f} rows/s",
        met=ms <= TARGET_MS and rate >= TARGET_ROWS,
        details={
            "p99_ms": quantile(ours.latencies_ms, 0.99),
            "plain_p99_ms": quantile(naive.latencies_ms, 0.99),
            "rows_per_second": rate,
            "plain_rows_per_second": median(naive.rates),
            "samples": plan.samples * plan.rounds,
            "rows": plan.rows,
            "rates": ours.rates,
        },
    )
