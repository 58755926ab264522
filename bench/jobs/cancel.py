"""Milliseconds to cancel a waiting job, at the tail and the head of queues of a thousand to a million; the longest ping beside it."""

import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from bench.jobs.waiting_jobs import fill
from bench.report import Report, say
from bench.stage import QUEUE, Stage
from leeward import Leeward
from leeward.wire.keys import QUEUES
from leeward.wire.valkey.connection import connect

TARGET_MS, TARGET_PING_MS = 0.3, 5.0
PING_EVERY_SECONDS = 0.002
PLAIN = "plain"


@dataclass(frozen=True, slots=True)
class Plan:
    sizes: tuple[int, ...]
    each: int
    by_walking: int


FULL = Plan(sizes=(1_000, 10_000, 100_000, 1_000_000), each=500, by_walking=200)
QUICK = Plan(sizes=(1_000, 10_000, 100_000), each=200, by_walking=100)


class NotCancelled(Exception):
    """Raised when a cancel did not take a job off: its time says nothing."""


class Ping:
    """Asks the server all the time, as others do."""

    def __init__(self, url: str) -> None:
        self._url = url
        self.longest_ms = 0.0
        self._over = threading.Event()

    def run(self) -> None:
        with connect(self._url) as client:
            while not self._over.wait(PING_EVERY_SECONDS):
                began = time.perf_counter()
                client.ping()
                self.longest_ms = max(self.longest_ms, (time.perf_counter() - began) * 1000)

    @classmethod
    @contextmanager
    def beside(cls, url: str) -> "Iterator[Ping]":
        ping = cls(url)
        thread = threading.Thread(target=ping.run)
        thread.start()
        try:
            yield ping
        finally:
            ping._over.set()
            thread.join()


def run(stage: Stage, *, quick: bool) -> Report:
    plan = QUICK if quick else FULL
    stage.clear()
    stage.client.sadd(QUEUES, QUEUE)
    rows: dict[str, dict[str, float]] = {}
    ids: list[str] = []
    with Leeward(stage.url) as fleet:
        for size in plan.sizes:
            ids = _topped_up(stage, ids, size)
            for where in ("tail", "head"):
                chosen, ids = _chosen(ids, where, plan.each)
                rows[f"{where} of {size}"] = _measured(stage, fleet, chosen)
                say(f"{where} of {size:,}: {rows[f'{where} of {size}']}")
                ids = _topped_up(stage, ids, size)
    plain_ms = _by_walking(stage, plan)
    last_ms = rows[f"tail of {plan.sizes[-1]}"]["ms"]
    slowest, ping = max(row["ms"] for row in rows.values()), max(row["longest_ping_ms"] for row in rows.values())
    return Report(
        bench="cancel",
        unit="ms",
        plain=plain_ms,
        leeward=last_ms,
        ratio=plain_ms / last_ms,
        target=f"<= {TARGET_MS} ms each, tail and head, at every size; no ping above {TARGET_PING_MS:g} ms",
        met=slowest <= TARGET_MS and ping <= TARGET_PING_MS,
        details={"by_size": rows, "slowest_ms": slowest, "longest_ping_ms": ping, "sizes": list(plan.sizes)},
    )


def _topped_up(stage: Stage, ids: list[str], size: int) -> list[str]:
    start = int(ids[-1].rpartition("-")[2]) + 1 if ids else 0
    return ids + fill(stage, QUEUE, range(start, start + size - len(ids)))


def _chosen(ids: list[str], where: str, n: int) -> tuple[list[str], list[str]]:
    return (ids[-n:], ids[:-n]) if where == "tail" else (ids[:n], ids[n:])


def _measured(stage: Stage, fleet: Leeward, ids: Sequence[str]) -> dict[str, float]:
    stage.client.config_resetstat()
    with Ping.beside(stage.url) as ping:
        began = time.perf_counter()
        cancelled = sum(fleet.cancel(job_id) for job_id in ids)
        took_ms = (time.perf_counter() - began) * 1000
    if cancelled != len(ids):
        raise NotCancelled(f"{len(ids) - cancelled} of {len(ids)} jobs could not be cancelled")
    server_us = stage.client.info("commandstats")["cmdstat_evalsha"]["usec"]
    return {
        "ms": took_ms / len(ids),
        "server_ms": server_us / 1000 / len(ids),
        "longest_ping_ms": ping.longest_ms,
    }


def _by_walking(stage: Stage, plan: Plan) -> float:
    """As a queue that is one list does it: the server looks for the id. At the tail, of the largest size."""
    stage.clear()
    size = plan.sizes[-1]
    ids = [f"00000000-0000-4000-8000-{number:012d}" for number in range(size)]
    for start in range(0, size, 5_000):
        stage.client.rpush(PLAIN, *ids[start : start + 5_000])
    began = time.perf_counter()
    for job_id in reversed(ids[-plan.by_walking :]):
        stage.client.lrem(PLAIN, 1, job_id)
    each_ms = (time.perf_counter() - began) * 1000 / plan.by_walking
    say(f"LREM at the tail of {size:,}: {each_ms:.3f} ms")
    stage.clear()
    return each_ms
