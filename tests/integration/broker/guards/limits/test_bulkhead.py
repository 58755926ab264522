"""Leases are permits: never more than the limit, whoever holds them, and none is lost."""

import threading
from collections.abc import Callable

import redis

from tests.integration.broker.guards.guard_lab import ALPHA, BETA, GuardLab
from tests.integration.broker.lab import LEASE_MS
from tests.support.servers import connect_valkey

Guarded = Callable[..., GuardLab]


def told(client: "redis.Redis", *workers: str) -> "redis.client.PubSub":
    """Listens where these workers would."""
    listener: redis.client.PubSub = client.pubsub(ignore_subscribe_messages=False)
    listener.subscribe(*(f"leeward:wake:{worker}" for worker in workers))
    for _ in workers:
        assert listener.get_message(timeout=5)["type"] == "subscribe"
    return listener


def wakes(listener: "redis.client.PubSub") -> list[str]:
    """Who was told so far. A message of our own marks the end."""
    listener.ping("end")
    found = []
    while (message := listener.get_message(timeout=5)) and message["type"] != "pong":
        found.append(message["channel"].decode().removeprefix("leeward:wake:"))
    return found


def test_no_more_than_the_limit_run_at_once(guarded: Guarded) -> None:
    lab = guarded(limit=3)
    lab.fill(10)

    first, second = lab.admit(2), lab.admit(8, worker=BETA)

    assert (len(first.ids), first.why) == (2, "")
    assert (len(second.ids), second.why) == (1, "full")
    assert lab.admit(1).why == "full"
    assert lab.state().in_use == 3


def test_all_queues_of_a_provider_share_its_limit(guarded: Guarded) -> None:
    lab = guarded(limit=1)
    lab.fill(1)
    lab.enqueue("mail", queue="email.lab")
    lab.admit(1)

    assert lab.admit(1, queue="email.lab").why == "full"


def test_every_way_to_end_frees_the_permit(guarded: Guarded) -> None:
    lab = guarded(limit=1)
    lab.fill(10)

    lab.succeed(*lab.admit(1).jobs)
    lab.settle(lab.admit(1).jobs[0], "done")
    lab.settle(lab.admit(1).jobs[0], "later", delay_ms=10)
    lab.settle(lab.admit(1).jobs[0], "release")
    lab.die(lab.admit(1).jobs[0])
    lab.fail(lab.admit(1).jobs[0])

    assert lab.state().in_use == 0
    assert len(lab.admit(1).ids) == 1


def test_a_permit_of_a_killed_holder_is_back_at_the_expiry_of_its_lease(guarded: Guarded) -> None:
    lab = guarded(limit=1)
    lab.fill(2)
    lab.admit(1)

    assert lab.admit(1, worker=BETA).look_at == lab.now + LEASE_MS
    lab.expire_leases()

    assert len(lab.admit(2, worker=BETA).ids) == 1


def test_a_limit_changed_at_run_time_takes_effect_at_once_and_takes_nobodys_permit(guarded: Guarded) -> None:
    lab = guarded(limit=2)
    lab.fill(10)
    running = lab.admit(10).jobs

    lab.steer("set", "limit", 1)
    lab.succeed(running[0])
    assert lab.admit(10).why == "full"
    lab.steer("set", "limit", 5)

    assert len(lab.admit(10).ids) == 4


def test_no_limit_is_none(guarded: Guarded) -> None:
    lab = guarded(limit=0)
    lab.fill(300)

    assert len(lab.admit(300).ids) == 300


def test_a_freed_permit_tells_one_that_was_turned_away_and_nobody_else(guarded: Guarded, valkey: "redis.Redis") -> None:
    lab = guarded(limit=1)
    lab.fill(5)
    (job,) = lab.admit(1).jobs
    lab.now += 1
    lab.admit(1, worker=BETA)
    lab.now += 1
    lab.admit(1, worker="gamma:1")
    with told(valkey, BETA, "gamma:1") as listener:
        lab.succeed(job)

        assert wakes(listener) == [BETA]


def test_a_permit_freed_by_a_crash_tells_one_too(guarded: Guarded, valkey: "redis.Redis") -> None:
    lab = guarded(limit=1)
    lab.enqueue("mail", queue="email.lab")
    lab.admit(1, queue="email.lab")
    lab.fill(5)
    lab.admit(1, worker=BETA)
    lab.expire_leases()
    with told(valkey, BETA) as listener:
        lab.admit(1, worker="gamma:1", queue="other.lab")

        assert wakes(listener) == [BETA]


def test_a_raised_limit_tells_everybody_who_was_turned_away(guarded: Guarded, valkey: "redis.Redis") -> None:
    lab = guarded(limit=1)
    lab.fill(5)
    lab.admit(1)
    lab.admit(1, worker=BETA)
    lab.admit(1, worker="gamma:1")
    with told(valkey, BETA, "gamma:1") as listener:
        lab.steer("set", "limit", 3)

        assert sorted(wakes(listener)) == [BETA, "gamma:1"]


def test_a_worker_without_a_free_thread_passes_a_permit_on(guarded: Guarded, valkey: "redis.Redis") -> None:
    lab = guarded(limit=1)
    lab.fill(5)
    lab.admit(1)
    lab.admit(1, worker=BETA)
    with told(valkey, BETA) as listener:
        lab.nudge()

        assert wakes(listener) == [BETA]


def test_enqueueing_to_a_closed_door_wakes_nobody(guarded: Guarded, valkey: "redis.Redis") -> None:
    lab = guarded()
    lab.admit(1)
    lab.admit(1, worker=BETA)
    lab.mode("forced_open")
    lab.admit(1)
    lab.admit(1, worker=BETA)
    with told(valkey, ALPHA, BETA) as listener:
        lab.fill(100)

        assert wakes(listener) == []
        lab.mode("auto")
        assert sorted(wakes(listener)) == [ALPHA, BETA]


def test_the_work_at_a_closed_door_does_not_depend_on_the_backlog(guarded: Guarded, valkey: "redis.Redis") -> None:
    def commands_of_looks(backlog: int) -> int:
        lab = guarded()
        lab.mode("forced_open")
        for _ in range(backlog // 500):
            lab.fill(500)
        lab.admit()
        valkey.config_resetstat()
        for _ in range(20):
            assert lab.admit().ids == []
        stats = valkey.info("commandstats")
        valkey.flushdb()
        return sum(one["calls"] for name, one in stats.items() if not name.startswith("cmdstat_config"))

    assert commands_of_looks(10_000) <= commands_of_looks(0)


def test_many_workers_at_once_never_pass_the_limit(guarded: Guarded, valkey_url: str) -> None:
    lab = guarded(limit=3)
    lab.fill(200)
    lock, running, peaks, done = threading.Lock(), set[str](), list[int](), list[str]()

    def work(number: int) -> None:
        with connect_valkey(valkey_url) as client:
            mine = GuardLab(client, limit=3)
            while len(done) < 200:
                jobs = mine.admit(2, worker=f"host-{number}:1").jobs
                with lock:
                    running.update(job.job_id for job in jobs)
                    peaks.append(len(running))
                with lock:
                    running.difference_update(job.job_id for job in jobs)
                    done.extend(job.job_id for job in jobs)
                mine.succeed(*jobs)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)

    assert sorted(done) == sorted(set(done))
    assert len(done) == 200
    assert max(peaks) <= 3
    assert lab.client.zcard(lab.keys.leases) == 0
