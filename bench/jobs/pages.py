"""Milliseconds of server time for a page of `leeward jobs` with a million jobs waiting: at the head, deep inside, filtered."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from statistics import median

import redis

from bench.jobs.waiting_jobs import fill
from bench.report import Report, say
from bench.stage import QUEUE, Stage
from leeward.status import JobState
from leeward.wire.keys import QUEUES, ProviderKeys
from leeward_admin.jobs.listing import JobCursor, JobFilter, JobPage, page

TARGET_MS = 20.0
LIMIT = 50
ROUNDS = 7
PARTITIONED = "parted.tenants"
NOW = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Plan:
    size: int
    tenants: int


FULL = Plan(size=1_000_000, tenants=50_000)
QUICK = Plan(size=50_000, tenants=2_500)


def run(stage: Stage, *, quick: bool) -> Report:
    plan = QUICK if quick else FULL
    size, tenants = plan.size, plan.tenants
    stage.clear()
    stage.client.sadd(QUEUES, QUEUE, PARTITIONED)
    fill(stage, QUEUE, range(size))
    fill(stage, PARTITIONED, range(size, size + size // 5), lambda number: f"tenant-{number % tenants}")
    _schedule(stage.client, size)
    say(f"{size:,} jobs wait in one lane, {size // 5:,} in {tenants:,} partitions, {size:,} are scheduled")
    own, parted = JobFilter(queues=(QUEUE,)), JobFilter(queues=(PARTITIONED,))
    middle = f"00000000-0000-4000-8000-{size // 2:012d}"
    deep = str(JobCursor(JobState.READY, (QUEUE, "normal", "", size // 2, middle, True)))
    rest = str(JobCursor(JobState.SCHEDULED, (float(size // 2), "gone")))
    none = JobFilter(queues=(QUEUE,), kinds=("none",))
    pages: dict[str, Callable[[], JobPage]] = {
        "first page": lambda: _page(stage, JobState.READY, own),
        "after half of them": lambda: _page(stage, JobState.READY, own, deep),
        "no job matches": lambda: _page(stage, JobState.READY, none),
        "no job matches, after half of them": lambda: _page(stage, JobState.READY, none, deep),
        "turns of partitions": lambda: _page(stage, JobState.READY, parted),
        "one partition": lambda: _page(stage, JobState.READY, JobFilter(partitions=("tenant-7",))),
        "scheduled": lambda: _page(stage, JobState.SCHEDULED, own),
        "scheduled, after half of them, by kind": lambda: _page(stage, JobState.SCHEDULED, none, rest),
    }
    took = {name: _server_ms(stage.client, look) for name, look in pages.items()}
    slowest = max(took.values())
    stage.clear()
    return Report(
        bench="jobs",
        unit="ms of server time a page",
        plain=None,
        leeward=slowest,
        ratio=None,
        target=f"<= {TARGET_MS:g} ms",
        met=slowest <= TARGET_MS,
        details={"by_page": took, "waiting": size},
    )


def _page(stage: Stage, state: JobState, filter_: JobFilter, after: str | None = None) -> JobPage:
    return page(stage.client, state, filter_, now=NOW, limit=LIMIT, after=after)


def _server_ms(client: redis.Redis, look: Callable[[], JobPage]) -> float:
    """The median of some: the machine has other things to do, too."""
    times = []
    for _ in range(ROUNDS):
        client.config_resetstat()
        found = look()
        stats = client.info("commandstats")
        times.append(
            sum(one["usec"] for name, one in stats.items() if "config" not in name and "info" not in name) / 1000
        )
    say(f"{len(found.jobs)} jobs, {found.looked_at:,} looked at, {median(times):.2f} ms, {max(times):.2f} at most")
    return median(times)


def _schedule(client: redis.Redis, size: int) -> None:
    """As many that are scheduled: they share the messages and places of those that wait."""
    key = ProviderKeys(QUEUE).scheduled
    for start in range(0, size, 5_000):
        client.zadd(key, {f"00000000-0000-4000-8000-{number:012d}": number for number in range(start, start + 5_000)})
