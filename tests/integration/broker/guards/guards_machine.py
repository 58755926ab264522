"""Steps of jobs, guards and clocks in any order, and what must hold after each of them."""

from collections import Counter
from collections.abc import Callable
from math import inf
from operator import attrgetter

import redis
from hypothesis import strategies as st
from hypothesis.stateful import consumes, initialize, invariant, multiple, precondition, rule

from broker.guards.actor_config import actor_fields
from tests.integration.broker.guards.guard_lab import GuardLab
from tests.integration.broker.guards.guards_plan import (
    BURST,
    DRAINED_BY_PROBES,
    ENDINGS,
    FAILED,
    LATER,
    MAIL,
    NUMBERS,
    OF_GUARDS,
    OWN_BURST,
    PROBES,
    SPELL,
    WORKERS,
)
from tests.integration.broker.lab import LEASE_MS, Leased
from tests.integration.broker.scripts.test_lifecycle_of_all_jobs import KEPT_WHEN_DRAINED, QUEUES, Fleet
from tests.support.answers import raw, text


class GuardedFleet(Fleet):
    kept = frozenset(
        KEPT_WHEN_DRAINED | OF_GUARDS | {f"{key}:{queue}" for key in ("turned", "bucket") for queue in QUEUES}
    )

    def __init__(self, make_client: Callable[[], "redis.Redis"]) -> None:
        super().__init__(make_client)
        self._lab: GuardLab = GuardLab(self._client, **NUMBERS)
        self._own_limit = 2
        self._enqueued_mails: set[str] = set()
        self._mails_allowed: float = 2

    @initialize()
    def somebody_speaks(self) -> None:
        """And there is a backlog, without which hardly a limit is met."""
        super().somebody_speaks()
        for queue in QUEUES:
            self.enqueue(queue=queue, lane="normal", partition="", delay=0, n=8)

    @rule()
    def an_outage(self) -> None:
        self._open_the_circuit()
        self._lab.now += 40_000

    @rule(how=st.sampled_from(["failed", "exhausted"]))
    def what_ran_when_the_circuit_opened_fails(self, how: str) -> None:
        running = self._begin(2)
        self._open_the_circuit()
        for job in running:
            self.settle(job=job, how=how, twice=False)

    @rule(target=Fleet.held)
    def a_crowd_at_a_half_open_door(self) -> object:
        """No limit but the door's own holds it back."""
        self._lab.mode("auto")
        self._lab.steer("set", "limit", 12, "floor", 1, "rate", 0, "adaptive", 0)
        self.an_outage()
        return self.admit(n=6, queue=QUEUES[0], worker="beta:1")

    @precondition(lambda self: len(self._live) < DRAINED_BY_PROBES)
    @rule(ms=st.sampled_from([60, 200, 900]), fails=st.sampled_from([False, False, True]))
    def a_busy_spell(self, ms: int, fails: bool) -> None:
        """Calls enough for a sample, as many at once as may be."""
        self.enqueue(queue=QUEUES[0], lane="interactive", partition="", delay=0, n=SPELL)
        for _ in range(SPELL):
            jobs = self._lab.admit(BURST, queue=QUEUES[0], worker="alpha:1").jobs
            self._lab.now += ms
            if fails:
                for job in jobs:
                    self._lab.settle(job, "later", **LATER | FAILED)
            else:
                self._lab.succeed(*jobs)
                for job in jobs:
                    self._end(job.job_id, "done")
            if not jobs:
                break
        self._note_crash_loops()

    @rule(
        queue=st.sampled_from(QUEUES),
        lane=st.sampled_from(["interactive", "normal"]),
        partition=st.sampled_from(["", "", "a", "b"]),
        delay=st.sampled_from([0, 0, 2_000]),
        n=st.integers(1, 4),
    )
    def enqueue(self, queue: str, lane: str, partition: str, delay: int, n: int) -> None:
        ids = [f"job-{next(self._numbers)}" for _ in range(n)]
        assert self._lab.enqueue(*ids, queue=queue, lane=lane, delay=delay, partition=partition) == []
        self._live.update(ids)
        if queue == MAIL:
            self._enqueued_mails.update(ids)

    @rule(target=Fleet.held, n=st.integers(1, 6), queue=st.sampled_from(QUEUES), worker=st.sampled_from(WORKERS))
    def admit(self, n: int, queue: str, worker: str) -> object:
        before, limit = self._lab.state(), self._lab.limit()
        admission = self._lab.admit(n, queue=queue, worker=worker)
        self._note_crash_loops()
        for job in admission.jobs:
            assert job.job_id in self._live
            assert self._holder.get(job.job_id) != job.token, "a token was given out twice"
            self._holder[job.job_id] = job.token
        if admission.jobs:
            after = self._lab.state()
            assert after.in_use <= limit <= after.config.limit
            assert queue != MAIL or not self._own_limit or self._mails() <= self._own_limit
            assert after.mode != "forced_open"
            assert not (after.mode == "auto" and after.state == "open")
            assert not (before.mode == "auto" and before.state == "half_open" and len(admission.jobs) > PROBES)
        return multiple(*admission.jobs)

    @rule(job=consumes(Fleet.held), how=st.sampled_from(sorted(ENDINGS)), twice=st.booleans())
    def settle(self, job: Leased, how: str, twice: bool) -> None:
        ours = self._leased_by(job)
        end, fields = ENDINGS[how]
        before = raw(self._client.hget(self._lab.keys.jobs, job.job_id) or b"")
        for _ in range(2 if twice else 1):
            late = self._lab.settle(job, end, message=job.message + b" ", **fields)
            assert (late == []) == ours
            if ours:
                self._check_ending(job, how, before)
            ours = False

    @rule(jobs=st.lists(consumes(Fleet.held), min_size=1, max_size=3))
    def succeed_plainly(self, jobs: list[Leased]) -> None:
        ours = {job.job_id for job in jobs if self._leased_by(job)}
        late = self._lab.succeed(*jobs)
        assert {job.job_id for job in jobs} - set(late) <= ours
        for job_id in ours:
            self._end(job_id, "done")

    @rule(ms=st.sampled_from([-5_000, 1, 50, 200, 1_000, 5_000, 31_000]))
    def time_passes(self, ms: int) -> None:
        self._lab.now += ms

    @rule(jobs=st.sets(Fleet.held))
    def time_passes_for_all_who_live(self, jobs: set[Leased]) -> None:
        """The others' workers were killed."""
        for _ in range(3):
            self._lab.now += LEASE_MS // 3
            self._lab.renew(*sorted(jobs, key=attrgetter("token")))

    @rule(limit=st.sampled_from([1, 2, 3, 12]), floor=st.sampled_from([1, 1, 2]))
    def change_the_limit(self, limit: int, floor: int) -> None:
        self._lab.steer("set", "limit", limit, "floor", min(floor, limit))

    @rule(adaptive=st.sampled_from([0, 1, 1]))
    def change_whether_it_is_adaptive(self, adaptive: int) -> None:
        self._lab.steer("set", "adaptive", adaptive)

    @rule(rate=st.sampled_from([0, 0.7, 20]))
    def change_the_rate(self, rate: float) -> None:
        self._lab.steer("set", "rate", rate)

    @rule(limit=st.sampled_from([0, 1, 1, 2]))
    def change_an_actors_limit(self, limit: int) -> None:
        self._lab.steer("set", f"limit@{MAIL}", limit)
        self._own_limit_is(limit)

    @rule(rate=st.sampled_from([0, 0.7, 20]))
    def change_an_actors_rate(self, rate: float) -> None:
        self._lab.steer("set", f"rate@{MAIL}", rate)

    @rule()
    def reset_an_actor(self) -> None:
        self._lab.steer("reset", *actor_fields(MAIL))
        self._own_limit_is(2)

    @rule(mode=st.sampled_from(["auto", "auto", "auto", "forced_open", "forced_closed", "observe"]), ends=st.booleans())
    def steer(self, mode: str, ends: bool) -> None:
        self._lab.mode(mode, self._lab.now + 3_000 if ends else "")

    @rule(verb=st.sampled_from(["healthy", "unhealthy"]))
    def health_is_looked_at(self, verb: str) -> None:
        self._lab.steer(verb)

    @rule()
    def a_worker_boots(self) -> None:
        self._lab.declare(**NUMBERS)
        assert self._lab.state().actors[MAIL].guards.limit == self._own_limit, "what an operator has set stays"

    @invariant()
    def probes_are_running_jobs_and_never_more_than_n(self) -> None:
        probes = set(self._client.zrange(self._lab.keys.probes, 0, -1))
        assert len(probes) <= PROBES
        assert probes <= set(self._client.zrange(self._lab.keys.leases, 0, -1))

    @invariant()
    def leases_of_a_queue_are_never_more_than_its_limit_or_than_ran_when_it_was_lowered(self) -> None:
        mails = self._mails()
        assert mails <= self._mails_allowed
        self._mails_allowed = max(self._own_limit or inf, min(self._mails_allowed, mails))

    @invariant()
    def the_limit_is_between_the_floor_and_the_ceiling(self) -> None:
        ceiling, floor, adaptive = (
            int(raw(number)) for number in self._client.hmget(self._lab.keys.guards, "limit", "floor", "adaptive")
        )
        assert min(ceiling, floor, PROBES) <= self._lab.limit() <= ceiling
        assert adaptive or not self._client.exists(self._lab.keys.adaptive, self._lab.keys.admitted)

    @invariant()
    def calls_are_timed_while_they_run(self) -> None:
        timed = set(self._client.hkeys(self._lab.keys.admitted))
        assert timed <= set(self._client.zrange(self._lab.keys.leases, 0, -1))

    @invariant()
    def tokens_are_never_negative_nor_more_than_the_burst(self) -> None:
        for key, burst in (("bucket", BURST), (f"bucket:{MAIL}", OWN_BURST)):
            held = self._client.hget(self._lab.keys.root + key, "tokens")
            assert held is None or 0 <= float(held) <= burst

    @invariant()
    def every_partition_with_jobs_has_one_turn(self) -> None:
        root = self._lab.keys.root
        for queue in QUEUES:
            for lane in ("interactive", "normal"):
                turns = Counter(self._client.lrange(f"{root}turns:{queue}:{lane}", 0, -1))
                parked = {
                    name
                    for name in (b"a", b"b")
                    if self._client.zscore(f"{root}parked", f"{name.decode()}\x01{queue}:{lane}")
                }
                waiting = {
                    name for name in (b"a", b"b") if self._client.exists(f"{root}ready:{queue}:{lane}:{name.decode()}")
                }
                assert waiting == (turns.keys() - {b""}) | parked
                assert not parked & turns.keys()
                assert all(n == 1 for n in turns.values())
                assert not waiting - parked or b"" in turns

    def teardown(self) -> None:
        """Everything drains, and soon."""
        self._lab.mode("auto")
        self._lab.steer("set", "limit", 100, "floor", 100, "rate", 0)
        super().teardown()

    def _begin(self, n: int) -> list[Leased]:
        jobs = self._lab.admit(n, queue=QUEUES[0], worker="alpha:1").jobs
        self._note_crash_loops()
        self._holder.update({job.job_id: job.token for job in jobs})
        return jobs

    def _open_the_circuit(self) -> None:
        """By failures alone, where nothing else holds the jobs back."""
        for _ in range(6):
            for job in self._begin(1):
                self.settle(job=job, how="failed", twice=False)
        self._note_crash_loops()

    def _mails(self) -> int:
        """Counted here by what was enqueued where."""
        leased = {text(job_id) for job_id in self._client.zrange(self._lab.keys.leases, 0, -1)}
        return len(leased & self._enqueued_mails)

    def _own_limit_is(self, limit: int) -> None:
        self._own_limit = limit
        self._mails_allowed = max(limit or inf, self._mails())

    def _check_ending(self, job: Leased, how: str, before: bytes | None) -> None:
        end = ENDINGS[how][0]
        after = self._lab.state()
        away = after.mode == "forced_open" or (after.mode == "auto" and after.state != "closed")
        host = job.token.partition("@")[2].partition(":")[0]
        held_alone = after.mode == "auto" and any(
            name.partition(":")[0] == host and until.timestamp() * 1000 > self._lab.now
            for name, until in after.sick.items()
        )
        is_dead = self._lab.status(job.job_id) == "dead"
        if end == "done" or how == "refused":
            self._end(job.job_id, "done" if end == "done" else "dead")
        elif how == "exhausted" and is_dead:
            assert not away, "an outage ended a job"
            self._end(job.job_id, "dead")
        elif how in {"failed", "exhausted"} and away:
            assert self._lab.status(job.job_id) == "ready"
            self._assert_unspent(job, before)
        elif how == "exhausted" and not held_alone:
            assert self._client.zscore(f"{self._lab.keys.root}last_attempts", job.job_id), (
                "not dead, and not for a look"
            )
            assert self._lab.places_of(job.job_id) == ["scheduled"]
            self._assert_unspent(job, before)

    def _assert_unspent(self, job: Leased, before: bytes | None) -> None:
        assert self._client.hget(self._lab.keys.jobs, job.job_id) == before, "an attempt was spent in an outage"
