"""A small fleet of worker processes, and what it did as seen from outside."""

import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import redis
from dramatiq import Message

from leeward.wire.entry import entry_of, submit
from leeward.wire.keys import ProviderKeys
from tests.support.answers import text
from tests.support.fleets.workers_under_test import dead_letters, outcome
from tests.support.processes import RunningProcess
from tests.support.waiting import wait_until

Start = Callable[..., RunningProcess]
QUEUE = "lab"


class FleetUnderTest:
    def __init__(self, url: str, client: "redis.Redis", effects: Path, start: Start) -> None:
        self.url = url
        self.client = client
        self.effects = effects
        self._start = start

    def worker(self, *options: str, url: str | None = None) -> RunningProcess:
        """A worker process that is already consuming."""
        process = self.starting_worker(*options, url=url)
        process.wait_for_output("working")
        return process

    def starting_worker(self, *options: str, url: str | None = None) -> RunningProcess:
        """One that may not even get that far."""
        module = "tests.support.fleets.workers_under_test_process"
        return self._start([sys.executable, "-m", module, url or self.url, self.effects, *options])

    def enqueue(self, actor: str, *names: str, **kwargs: Any) -> list[str]:
        """One job per name; returns their ids. They are durable when this returns."""
        messages: list[Message[Any]] = [
            Message(queue_name=QUEUE, actor_name=actor, args=(name,), kwargs=kwargs, options={}) for name in names
        ]
        for start in range(0, len(messages), 250):
            submit(self.client, QUEUE, [entry_of(message) for message in messages[start : start + 250]])
        return [message.message_id for message in messages]

    def happened(self, what: str) -> Counter[str]:
        """How often each name is in the file of effects, so far."""
        lines = self.effects.read_text().splitlines() if self.effects.exists() else []
        return Counter(line.split()[1] for line in lines if line.startswith(what))

    def by(self, process: RunningProcess, what: str) -> set[str]:
        lines = self.effects.read_text().splitlines() if self.effects.exists() else []
        return {line.split()[1] for line in lines if line.startswith(what) and line.split()[2] == str(process.pid)}

    def state(self, job_id: str) -> str | None:
        found = outcome(self.client, QUEUE, job_id)
        return None if found is None else str(found["state"])

    def wait_until_all_ended(self, ids: list[str], *, timeout: float = 25) -> Counter[str]:
        """How many ended in which state."""

        def ended() -> list[str] | None:
            pipeline = self.client.pipeline(transaction=False)
            for job_id in ids:
                pipeline.exists(ProviderKeys(QUEUE).outcome(job_id))
            return ids if all(pipeline.execute()) else None

        wait_until(ended, description=f"the end of {len(ids)} jobs", timeout=timeout, interval=0.05)
        return Counter(str(self.state(job_id)) for job_id in ids)

    def wait_for(self, what: str, n: int, *, timeout: float = 15) -> None:
        wait_until(
            lambda: sum(self.happened(what).values()) >= n,
            description=f"{n} times {what!r} in the file of effects",
            timeout=timeout,
        )

    def letters(self) -> list[dict[str, Any]]:
        return dead_letters(self.client, QUEUE)

    def lease_of(self, job_id: str) -> str | None:
        """`<n>@<worker>` while it is leased."""
        keys = ProviderKeys(QUEUE)
        if self.client.zscore(keys.leases, job_id) is None:
            return None
        return text(self.client.hget(keys.deliveries, job_id))


def jobs(n: int, prefix: str = "job") -> list[str]:
    return [f"{prefix}-{number}" for number in range(n)]
