"""Whatever the order of steps: a job is in exactly one place, tokens fence, nothing is lost, and nothing is left behind."""

import itertools
from collections.abc import Callable
from functools import partial
from typing import Any

import fakeredis
import redis
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    initialize,
    invariant,
    multiple,
    rule,
    run_state_machine_as_test,
)

from tests.integration.broker.lab import LEASE_MS, Lab, Leased, keys_that_stay
from tests.support.examples import examples

QUEUES = ["lab", "email.lab"]
KEPT_WHEN_DRAINED = {
    "dead",
    "seen",
    "clock",
    "counts",
    "totals",
    "deliveries",
    "places",
    *(f"waiting:{queue}" for queue in QUEUES),
}
"""The outbox, two that are bounded by one and by the number of processes, and two that keep a filler (leeward/wire/keys.py)."""


class Fleet(RuleBasedStateMachine):
    """The model is three sets of ids. Anything the scripts do beyond it breaks an invariant."""

    held = Bundle("held")
    kept = frozenset(KEPT_WHEN_DRAINED)

    def __init__(self, make_client: Callable[[], "redis.Redis"]) -> None:
        super().__init__()
        self._client = make_client()
        self._client.flushall()
        self._lab = Lab(self._client)
        self._numbers = itertools.count(1)
        self._live: set[str] = set()
        self._ended: dict[str, str] = {}
        self._holder: dict[str, str] = {}
        self._expiries_by_id: dict[str, int] = {}
        self._keys: dict[str, str] = {}

    @initialize()
    def somebody_speaks(self) -> None:
        self._lab.renew()

    @rule(
        queue=st.sampled_from(QUEUES),
        lane=st.sampled_from(["interactive", "normal", "bulk"]),
        delay=st.sampled_from([0, 0, 1, 2_000, 60_000]),
        key=st.sampled_from(["", "", "k1", "k2", "k3"]),
    )
    def enqueue(self, queue: str, lane: str, delay: int, key: str) -> None:
        job_id = f"job-{next(self._numbers)}"
        refused = self._lab.enqueue(job_id, queue=queue, lane=lane, delay=delay, key=key)
        assert bool(refused) == (key in self._keys), f"{key}: {refused}"
        if not refused:
            self._live.add(job_id)
            if key:
                self._keys[key] = job_id

    @rule(data=st.data())
    def send_again(self, data: st.DataObject) -> None:
        everyone = sorted(self._live | set(self._ended))
        if everyone:
            job_id = data.draw(st.sampled_from(everyone))
            self._lab.enqueue(job_id, again=True, queue=data.draw(st.sampled_from(QUEUES)))

    @rule(target=held, n=st.integers(1, 4), queue=st.sampled_from(QUEUES), worker=st.sampled_from(["h:1", "h:2"]))
    def admit(self, n: int, queue: str, worker: str) -> object:
        admission = self._lab.admit(n, queue=queue, worker=worker)
        self._note_crash_loops()
        for job in admission.jobs:
            assert job.job_id in self._live
            assert self._holder.get(job.job_id) != job.token, "a token was given out twice"
            self._holder[job.job_id] = job.token
        return multiple(*admission.jobs)

    @rule(job=consumes(held), end=st.sampled_from([None, "done", "later", "release", "dead"]), twice=st.booleans())
    def settle(self, job: Leased, end: str | None, twice: bool) -> None:
        ours = self._leased_by(job)
        key = next((key for key, owner in self._keys.items() if owner == job.job_id), None)
        for _ in range(2 if twice else 1):
            fields: dict[str, dict[str, Any]] = {
                "done": {},
                "later": {"delay_ms": 1_500},
                "dead": {"reason": "permanent", "error": "{}"},
            }
            extra = fields.get(end or "", {}) | ({"key": key} if key and end in {"done", "dead"} else {})
            end = "done" if end is None and key else end
            late = self._lab.settle(job, end, **(extra | ({"key": key} if key and end == "done" else {})))
            assert (late == []) == ours
            if ours and end in {None, "done", "dead"}:
                self._end(job.job_id, "dead" if end == "dead" else "done")
            ours = False

    @rule(job=held)
    def begin(self, job: Leased) -> None:
        assert self._lab.begin(job) == self._leased_by(job)

    @rule(job=held)
    def renew(self, job: Leased) -> None:
        ours = self._leased_by(job)
        assert (self._lab.renew(job, progress='{"done":1}') == []) == ours

    @rule(data=st.data())
    def cancel(self, data: st.DataObject) -> None:
        everyone = sorted(self._live | set(self._ended))
        if not everyone:
            return
        job_id = data.draw(st.sampled_from(everyone))
        leased = self._lab.places_of(job_id) == ["leases"]
        key = next((key for key, owner in self._keys.items() if owner == job_id and job_id in self._live), "")
        verdict = self._lab.cancel(job_id, key)
        assert verdict == ("unknown" if job_id in self._ended else "running" if leased else "cancelled")
        if verdict == "cancelled":
            self._end(job_id, "cancelled")
            self._keys.pop(key, None)

    @rule(ms=st.sampled_from([1, 500, 2_000, 5_000, LEASE_MS]))
    def time_passes(self, ms: int) -> None:
        self._lab.now += ms

    @rule()
    def leases_expire(self) -> None:
        self._lab.expire_leases()

    @rule(queue=st.sampled_from(QUEUES), paused=st.booleans())
    def pause_or_resume(self, queue: str, paused: bool) -> None:
        (self._client.sadd if paused else self._client.srem)(self._lab.keys.paused, queue)

    @invariant()
    def every_job_is_in_exactly_one_place(self) -> None:
        places = self._lab.places()
        for job_id in self._live:
            assert len(places[job_id]) == 1, f"{job_id} is in {places[job_id]}"
        for job_id, state in self._ended.items():
            assert places[job_id] == []
            assert self._lab.status(job_id) == state

    def teardown(self) -> None:
        """Everything is run to its end; then nothing may be left but what is declared."""
        for queue in QUEUES:
            self._client.srem(self._lab.keys.paused, queue)
        for _ in range(200):
            if not self._live:
                break
            self._lab.expire_leases()
            for queue in QUEUES:
                for job in self._lab.admit(100, queue=queue).jobs:
                    self._note_crash_loops()
                    key = next((key for key, owner in self._keys.items() if owner == job.job_id), None)
                    extra: dict[str, Any] = {"key": key} if key else {}
                    assert self._lab.settle(job, "done", **extra) == []
                    self._end(job.job_id, "done")
            self._note_crash_loops()
        assert not self._live
        root = self._lab.keys.root
        assert {name.removeprefix(root) for name in keys_that_stay(self._client)} - self.kept == set()
        for filled in (self._lab.keys.deliveries, self._lab.keys.places):
            assert self._client.hkeys(filled) in ([], [b""])
        self._client.flushall()

    def _leased_by(self, job: Leased) -> bool:
        return (
            self._holder.get(job.job_id) == job.token
            and job.job_id in self._live
            and self._lab.places_of(job.job_id) == ["leases"]
        )

    def _end(self, job_id: str, state: str) -> None:
        self._live.discard(job_id)
        self._ended[job_id] = state

    def _note_crash_loops(self) -> None:
        for letter in self._lab.dead():
            if letter["job"] in self._live:
                assert letter["reason"] == "crash_loop"
                self._end(letter["job"], "dead")


def run(make_client: Callable[[], "redis.Redis"], *, usual: int, machine: type[Fleet] = Fleet) -> None:
    made: Callable[[], Any] = partial(machine, make_client)
    run_state_machine_as_test(
        made,  # type: ignore[arg-type] # Hypothesis takes any callable
        settings=settings(
            max_examples=examples(usual),
            stateful_step_count=40,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )


def test_jobs_are_never_lost_doubled_or_leaked_on_the_real_server(valkey: "redis.Redis") -> None:
    run(lambda: valkey, usual=40)


def test_jobs_are_never_lost_doubled_or_leaked_on_fakeredis() -> None:
    with fakeredis.FakeRedis(version=(7,)) as client:
        run(lambda: client, usual=15)
