"""Whatever the order of steps: cancelled jobs never run, counts are exact, no partition runs more than it may, nothing is left behind."""

from collections import Counter
from collections.abc import Callable
from operator import attrgetter
from typing import Any

import fakeredis
import redis
from hypothesis import strategies as st
from hypothesis.stateful import consumes, initialize, invariant, multiple, rule

from leeward.jobs.priority import LANES
from tests.integration.broker.guards.guard_lab import GuardLab
from tests.integration.broker.guards.guards_plan import OF_GUARDS
from tests.integration.broker.lab import LEASE_MS, Leased
from tests.integration.broker.scripts.test_lifecycle_of_all_jobs import KEPT_WHEN_DRAINED, QUEUES, Fleet, run
from tests.integration.broker.small_bounds import ready_text, small_bounds
from tests.support.answers import text

PARTITIONS = ["", "a", "b", "c"]
LIMIT = 2


class LanesFleet(Fleet):
    """The model knows of every live job its queue, its lane and its partition."""

    kept = frozenset(KEPT_WHEN_DRAINED | OF_GUARDS | {f"turned:{queue}" for queue in QUEUES})

    def __init__(self, make_client: Callable[[], "redis.Redis"]) -> None:
        super().__init__(make_client)
        self._lab: GuardLab = GuardLab(self._client, partition_limit=LIMIT, lane_share=0.3)
        self._where: dict[str, tuple[str, str, str]] = {}
        self._limit: int = LIMIT
        self._most_allowed: Counter[str] = Counter()

    @initialize()
    def somebody_speaks(self) -> None:
        super().somebody_speaks()
        for partition in PARTITIONS:
            self.enqueue(queue=QUEUES[0], lane="normal", partition=partition, delay=0, n=4)

    @rule(
        queue=st.sampled_from(QUEUES),
        lane=st.sampled_from(["interactive", "normal", "bulk"]),
        partition=st.sampled_from(PARTITIONS),
        delay=st.sampled_from([0, 0, 0, 2_000]),
        n=st.integers(1, 5),
    )
    def enqueue(self, queue: str, lane: str, partition: str, delay: int, n: int) -> None:
        ids = [f"job-{next(self._numbers)}" for _ in range(n)]
        assert self._lab.enqueue(*ids, queue=queue, lane=lane, delay=delay, partition=partition) == []
        self._live.update(ids)
        self._where.update(dict.fromkeys(ids, (queue, lane, partition)))

    @rule(
        data=st.data(),
        queue=st.sampled_from(QUEUES),
        lane=st.sampled_from(["normal", "bulk"]),
        partition=st.sampled_from(PARTITIONS),
        delay=st.sampled_from([0, 2_000]),
    )
    def enqueue_a_cancelled_one_again(
        self, data: st.DataObject, queue: str, lane: str, partition: str, delay: int
    ) -> None:
        cancelled = sorted(job_id for job_id, state in self._ended.items() if state == "cancelled")
        if cancelled:
            ids = data.draw(st.lists(st.sampled_from(cancelled), min_size=1, max_size=3, unique=True))
            assert self._lab.enqueue(*ids, queue=queue, lane=lane, delay=delay, partition=partition) == []
            for job_id in ids:
                del self._ended[job_id]
                self._holder.pop(job_id, None)
                self._live.add(job_id)
                self._where[job_id] = (queue, lane, partition)

    @rule(data=st.data(), share=st.integers(1, 6))
    def cancel_many(self, data: st.DataObject, share: int) -> None:
        waiting = [job_id for job_id in sorted(self._live) if self._lab.places_of(job_id) != ["leases"]]
        for job_id in waiting[data.draw(st.integers(0, share - 1)) :: share]:
            assert self._lab.cancel(job_id) == "cancelled"
            self._end(job_id, "cancelled")

    @rule(target=Fleet.held, n=st.integers(1, 6), queue=st.sampled_from(QUEUES), worker=st.sampled_from(["h:1", "h:2"]))
    def admit(self, n: int, queue: str, worker: str) -> object:
        admission = self._lab.admit(n, queue=queue, worker=worker)
        self._note_crash_loops()
        for job in admission.jobs:
            assert job.job_id in self._live
            assert self._holder.get(job.job_id) != job.token, "a token was given out twice"
            self._holder[job.job_id] = job.token
            assert self._where[job.job_id][0] == queue
        if admission.why in {"", "empty"} and len(admission.jobs) < n and admission.look_at != self._lab.now:
            assert not any(self._waiting()[queue, lane] for lane in LANES), "a job waits that nobody was told of"
        return multiple(*admission.jobs)

    @rule(job=consumes(Fleet.held), end=st.sampled_from([None, None, "done", "later", "release", "dead"]))
    def settle(self, job: Leased, end: str | None) -> None:
        ours = self._leased_by(job)
        fields: dict[str, Any] = {"later": {"delay_ms": 1_500}, "dead": {"reason": "permanent", "error": "{}"}}
        assert (self._lab.settle(job, end, **fields.get(end or "", {})) == []) == ours
        if ours and end in {None, "done", "dead"}:
            self._end(job.job_id, "dead" if end == "dead" else "done")

    @rule(jobs=st.lists(consumes(Fleet.held), min_size=1, max_size=4))
    def succeed_plainly(self, jobs: list[Leased]) -> None:
        ours = {job.job_id for job in jobs if self._leased_by(job)}
        self._lab.succeed(*jobs)
        for job_id in ours:
            self._end(job_id, "done")

    @rule(jobs=st.sets(Fleet.held))
    def workers_are_killed(self, jobs: set[Leased]) -> None:
        """But those that hold these."""
        for _ in range(3):
            self._lab.now += LEASE_MS // 3
            self._lab.renew(*sorted(jobs, key=attrgetter("token")))

    @rule(limit=st.integers(0, 3))
    def change_the_partition_limit(self, limit: int) -> None:
        self._lab.steer("set", "partition_limit", limit)
        self._limit = limit
        self._most_allowed = self._running()

    @rule(queue=st.sampled_from(QUEUES))
    def flush(self, queue: str) -> None:
        self._lab.flush_all(queue)
        for job_id in list(self._live):
            if self._where[job_id][0] == queue and not self._lab.places_of(job_id):
                self._live.discard(job_id)
                del self._where[job_id]
        assert not any(self._waiting()[queue, lane] for lane in LANES)

    @invariant()
    def every_job_is_in_exactly_one_place(self) -> None:
        """A cancelled one may be in a ready list still, where it is known to be."""
        places = self._lab.places()
        withdrawn = {text(job_id) for job_id in self._client.hkeys(self._lab.keys.root + "withdrawn")}
        for job_id in self._live:
            assert len(places[job_id]) == 1, f"{job_id} is in {places[job_id]}"
            assert job_id not in withdrawn
        for job_id in self._ended:
            assert places[job_id] == [] or (job_id in withdrawn and len(places[job_id]) == 1)

    @invariant()
    def no_partition_runs_more_than_it_may(self) -> None:
        for partition, n in self._running().items():
            assert not self._limit or n <= max(self._limit, self._most_allowed[partition])

    @invariant()
    def what_waits_is_counted_exactly(self) -> None:
        lengths = self._client.eval(ready_text(), 1, self._lab.keys.root, *QUEUES)
        waiting = self._waiting()
        assert lengths == [waiting[queue, lane] for queue in QUEUES for lane in LANES]

    def teardown(self) -> None:
        """Looking is enough for what was cancelled to go."""
        for _ in range(10):
            self._lab.expire_leases()
            for queue in QUEUES:
                self._client.srem(self._lab.keys.paused, queue)
                self._run_what_waits(queue)
        super().teardown()

    def _run_what_waits(self, queue: str) -> None:
        admission = self._lab.admit(5, queue=queue)
        while admission.jobs or (admission.why == "empty" and admission.look_at == self._lab.now):
            for job in admission.jobs:
                self._lab.settle(job, "done")
                self._end(job.job_id, "done")
            admission = self._lab.admit(5, queue=queue)
        self._note_crash_loops()

    def _waiting(self) -> Counter[tuple[str, str]]:
        places = self._lab.places()
        ready = (job_id for job_id in self._live if any(place.startswith("ready:") for place in places[job_id]))
        return Counter(self._where[job_id][:2] for job_id in ready)

    def _running(self) -> Counter[str]:
        """Suspects are not held back by their partition: docs/guards.md, "Suspects"."""
        leased = {text(job_id) for job_id in self._client.zrange(self._lab.keys.leases, 0, -1)}
        suspects = {text(job_id) for job_id in self._client.hkeys(f"{self._lab.keys.root}suspects")}
        return Counter(where[2] for job_id in leased - suspects if (where := self._where[job_id])[2])


def test_lanes_hold_on_the_real_server(valkey: "redis.Redis") -> None:
    with small_bounds():
        run(lambda: valkey, usual=8, machine=LanesFleet)


def test_lanes_hold_on_fakeredis() -> None:
    with small_bounds(), fakeredis.FakeRedis(version=(7,)) as client:
        run(lambda: client, usual=3, machine=LanesFleet)
