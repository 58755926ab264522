"""suspects.lua: what a lease that expires says about its job, and how the job that stops its processes is told from those beside it."""

import json
from typing import Any

import pytest
import redis

from leeward.wire.script import Script
from tests.integration.broker.lab import KEPT_MS, KEY_MS, Lab, Leased

_ended = Script("broker.scripts", "ended.lua")


def suspects(lab: Lab, *ids: str) -> None:
    """Jobs that ran together in a process that went silent."""
    lab.enqueue(*ids)
    assert len(lab.ask(len(ids)).ids) == len(ids)
    lab.expire_leases()
    lab.ask(0)


def end_process(lab: Lab, worker: str, *started: str, known: bool = True) -> list[Any]:
    """The machine's other processes know that this one has ended."""
    ran = [len(started), *started] if known else [""]
    reply: list[Any] = _ended(lab.client, lab.keys.root, [lab.now, worker, lab.crash_limit, KEPT_MS, KEY_MS, *ran])
    return reply


def test_half_of_those_that_ran_together_are_run_together_next(lab: Lab) -> None:
    suspects(lab, *"abcdefgh")

    assert lab.admit(8).ids == ["a", "b", "c", "d"]
    assert lab.admit(8, worker="host:2").ids == ["e", "f", "g", "h"]


def test_only_a_job_that_was_alone_is_dead_and_those_that_ran_beside_it_are_done(lab: Lab) -> None:
    suspects(lab, "innocent-1", "innocent-2", "killer", "innocent-3")
    kills = 1
    for _ in range(20):
        jobs = lab.admit(8).jobs
        if "killer" in [job.job_id for job in jobs]:
            kills += 1
            end_process(lab, "host:1", *(job.job_id for job in jobs))
        else:
            lab.succeed(*jobs)

    assert [letter["job"] for letter in lab.dead()] == ["killer"]
    assert {lab.status(f"innocent-{n}") for n in (1, 2, 3)} == {"done"}
    assert kills == 4, "together, as one of two, and twice alone"


def test_the_dead_letter_says_what_was_seen(lab: Lab) -> None:
    suspects(lab, "a", "b")
    assert lab.admit().ids == ["a"]
    lab.now += 1
    end_process(lab, "host:1", "a")
    lab.succeed(*lab.admit().jobs)

    assert lab.admit().ids == ["a"]
    reply = end_process(lab, "host:1", "a")

    (letter,) = lab.dead()
    error = json.loads(letter["error"])
    assert error["type"] == "CrashLoop"
    assert error["message"] == (
        "3 workers in a row stopped while they had this job, 2 of them while it was alone in its process; "
        "the last was host:1"
    )
    assert reply == [1, [b"lab", b"act"]]
    assert lab.client.hmget(lab.keys.counts, "suspects", "crash_loops") == [b"2", b"1"]


@pytest.mark.parametrize(
    ("end", "fields"),
    [
        (None, {}),
        ("done", {}),
        ("later", {"delay_ms": 0}),
        ("hold", {"delay_ms": 0, "cause": "429"}),
        ("dead", {"reason": "permanent", "error": "{}"}),
    ],
)
def test_a_suspect_whose_worker_reports_an_end_is_none_any_more(
    lab: Lab, end: str | None, fields: dict[str, Any]
) -> None:
    suspects(lab, "a")
    lab.settle(lab.admit().jobs[0], end, **fields)

    assert lab.client.exists(lab.keys.suspects, lab.keys.expiries, lab.keys.suspects_of("lab")) == 0


def test_a_suspect_that_is_given_back_stays_one(lab: Lab) -> None:
    suspects(lab, "a")
    lab.settle(lab.admit().jobs[0], "release")

    assert lab.places_of("a") == ["suspects:lab"]
    assert lab.admit().ids == ["a"]


def test_a_reply_that_never_arrived_says_nothing_about_its_job(lab: Lab) -> None:
    suspects(lab, "a")
    for _ in range(10):
        assert lab.ask(asks="apart").ids == ["a"]
        lab.expire_leases()
        lab.ask(0)

    assert lab.dead() == []


def test_a_job_beside_which_others_may_run_again_is_not_alone(lab: Lab) -> None:
    suspects(lab, "a")
    for _ in range(10):
        (job,) = lab.admit().jobs
        assert lab.mark_apart(job, together=0) == 1
        lab.expire_leases()
        lab.ask(0)

    assert lab.dead() == []


def test_what_was_fetched_ahead_and_never_started_is_no_suspect(lab: Lab) -> None:
    lab.enqueue("runs", "waits-1", "waits-2")
    lab.ask(3)

    end_process(lab, "host:1", "runs")

    assert lab.places_of("runs") == ["suspects:lab"]
    assert lab.ask(3).ids == ["waits-1", "waits-2"]


def test_what_is_never_seen_to_start_and_stops_its_processes_all_the_same_is_found_out(lab: Lab) -> None:
    lab.enqueue("hidden")
    for _ in range(8):
        jobs = lab.admit().jobs
        end_process(lab, "host:1")
        if not jobs:
            break

    (letter,) = lab.dead()
    assert (letter["job"], letter["reason"]) == ("hidden", "crash_loop")


def test_of_an_ended_process_only_its_own_leases_are_taken_back(lab: Lab) -> None:
    lab.enqueue("a", "b")
    lab.ask(1, worker="host:1")
    lab.ask(1, worker="host:11")

    assert end_process(lab, "host:1", known=False) == [1, []]
    assert (lab.places_of("a"), lab.places_of("b")) == (["suspects:lab"], ["leases"])


def test_an_idle_process_runs_other_jobs_first_and_a_free_one_suspects_that_have_waited(lab: Lab) -> None:
    suspects(lab, "a")
    lab.enqueue("b")

    assert [lab.ask(0, asks=asks).suspects for asks in ("", "idle", "free", "willing")] == ["", "", "", ""]
    assert lab.ask(1, asks="free").ids == ["b"]
    lab.enqueue("c")
    lab.now += 1_000
    assert lab.ask(1, asks="free").suspects == "apart"
    assert lab.ask(1, asks="idle").ids == ["c"]
    assert lab.ask(1, asks="idle").suspects == "apart"


def test_one_busy_process_is_chosen_when_no_idle_one_has_come(lab: Lab) -> None:
    suspects(lab, "a")
    busy = lab.ask(1, worker="host:2", asks="willing")
    assert (busy.suspects, busy.look_at) == ("", lab.now + 1_000)
    lab.now += 1_000

    assert lab.ask(1, worker="host:2", asks="willing").suspects == "drain"
    assert lab.ask(1, worker="host:3", asks="willing").suspects == ""
    assert lab.ask(1, worker="host:4", asks="").suspects == ""
    assert lab.ask(1, worker="host:2", asks="apart").ids == ["a"]
    assert lab.client.exists(lab.keys.root + "apart") == 0


def test_a_suspect_for_which_no_process_becomes_free_runs_among_others(lab: Lab) -> None:
    suspects(lab, "a")
    lab.enqueue("b")
    lab.now += 120_000

    assert lab.ask(2, asks="").ids == ["a", "b"]
    assert lab.client.hexists(lab.keys.suspects, "a")


def test_a_process_is_kept_free_of_other_jobs_for_longer_each_time(lab: Lab) -> None:
    suspects(lab, "a")
    lab.crash_limit = 100
    alone_ms = []
    for _ in range(12):
        admission = lab.admit()
        alone_ms.append(admission.alone_ms)
        end_process(lab, "host:1", *admission.ids)

    assert alone_ms[:4] == [60_000, 120_000, 240_000, 480_000]
    assert alone_ms[-1] == 86_400_000


def test_a_clock_that_goes_back_keeps_no_suspect_waiting(lab: Lab) -> None:
    suspects(lab, "a", "b")
    lab.now -= 3_600_000

    assert lab.ask(1, asks="free").suspects == "apart"
    assert lab.ask(1, worker="host:2", asks="willing").suspects == "drain"


def test_an_ended_process_frees_the_places_of_its_partition(lab: Lab) -> None:
    lab.client.hset(lab.keys.guards, mapping={"limit": 4, "partition_limit": 1})
    lab.enqueue("a", "b", partition="tenant")
    assert lab.ask(4).ids == ["a"]
    assert lab.ask(4, worker="host:2").why == "partition_full"

    end_process(lab, "host:1", "a")

    assert lab.ask(4, worker="host:2").ids == ["b"]


def test_suspects_of_a_paused_queue_wait(lab: Lab) -> None:
    suspects(lab, "a")
    lab.client.sadd(lab.keys.paused, "lab")

    assert [lab.ask(asks=asks).ids for asks in ("free", "apart")] == [[], []]
    assert lab.places_of("a") == ["suspects:lab"]


def test_a_suspect_can_be_cancelled_and_flushed_and_is_counted(lab: Lab) -> None:
    suspects(lab, "a", "b", "c")
    assert lab.size() == [3, 0, 0]
    assert lab.status("a") == "ready"

    assert lab.cancel("a") == "cancelled"
    assert lab.places_of("a") == []
    assert lab.flush() == 2
    assert lab.client.exists(lab.keys.suspects, lab.keys.suspects_of("lab"), lab.keys.jobs) == 0


def test_a_suspect_that_an_older_client_cancelled_is_passed_over(lab: Lab) -> None:
    suspects(lab, "a", "b")
    for name in ("jobs", "places", "deliveries", "expiries"):
        lab.client.hdel(lab.keys.root + name, "a")

    seen = [job for _ in range(4) for job in lab.admit().ids]

    assert seen == ["b"]


def test_the_late_settle_of_a_worker_that_was_stopped_clears_no_suspicion(lab: Lab, valkey: "redis.Redis") -> None:
    lab.enqueue("a")
    (stopped,) = lab.ask().jobs
    lab.expire_leases()
    lab.ask(0)

    assert lab.settle(stopped) == ["a"]
    assert lab.settle(Leased("a", stopped.token, begun=False, message=b""), "release") == ["a"]
    assert lab.client.hexists(lab.keys.suspects, "a")
    assert lab.places_of("a") == ["suspects:lab"]
