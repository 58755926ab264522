"""What needs attention is named, the problems first, each with what helps."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from leeward import actions
from leeward.errors import NoWorker
from leeward_admin import Condition, Need, OpenGroup, OpenLetters, ProviderStatus, QueueStatus, Urgency, WorkerStatus
from leeward_admin.status.needs import Facts, needs_of

NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)
PROVIDER = ProviderStatus(
    provider="media", condition=Condition.WORKING, why="", until=None, waiting=0, scheduled=0, running=0, limit=0
)
QUEUE = QueueStatus(
    queue="sync.media",
    provider="media",
    state="active",
    waiting=0,
    lanes={},
    oldest_at=None,
    arrivals_per_minute=None,
    ended_per_minute=0.0,
    internal=False,
)
WORKER = WorkerStatus(
    process="a:1",
    host="a",
    pid=1,
    release="1",
    queues=("sync.media",),
    threads=8,
    busy=0,
    oldest=None,
    up=timedelta(hours=1),
    seen_at=NOW,
    state="working",
)
WELL = Facts(
    now=NOW,
    providers=(PROVIDER,),
    overviews=(),
    queues=(QUEUE,),
    workers=(WORKER,),
    unserved={},
    schedulers=1,
    periodic=2,
    letters=OpenLetters(letters=0, groups=0, last_seen=None),
)


def needs(**changes: Any) -> list[Need]:
    return needs_of(replace(WELL, **changes))


def only(found: list[Need]) -> tuple[Urgency, str, str, tuple[actions.Action, ...]]:
    (need,) = found
    return need.urgency, need.subject, need.text, need.actions


def test_a_fleet_that_is_well_needs_nothing() -> None:
    assert needs() == []


def test_an_open_circuit_with_waiting_jobs_is_a_problem_and_one_without_a_warning() -> None:
    opened = replace(PROVIDER, condition=Condition.CIRCUIT_OPEN, why="6 calls failed")
    steps = (actions.ShowProvider("media"), actions.ProbeProvider("media"))

    waiting = needs(providers=(replace(opened, waiting=380),))
    assert only(waiting) == (Urgency.PROBLEM, "media", "circuit open: 380 jobs wait; 6 calls failed", steps)
    assert only(needs(providers=(opened,))) == (Urgency.WARNING, "media", "circuit open; 6 calls failed", steps)


def test_a_pause_is_named_with_its_end_only_where_jobs_wait() -> None:
    paused = replace(PROVIDER, condition=Condition.PAUSED, why="upgrade")

    assert needs(providers=(paused,)) == []
    found = needs(providers=(replace(paused, waiting=1),))
    assert only(found)[2:] == ("paused: 1 job waits; upgrade", (actions.ResumeProvider("media"),))


def test_no_worker_at_all_is_one_problem_and_not_one_for_each_queue() -> None:
    queues = (
        replace(QUEUE, waiting=3, state="no_worker"),
        replace(QUEUE, queue="sync.b", waiting=4, state="no_worker"),
    )
    unserved = {queue.queue: NoWorker(queue.queue, ()) for queue in queues}

    found = needs(workers=(), queues=queues, unserved=unserved)

    assert only(found) == (Urgency.PROBLEM, "workers", "no worker is running: 7 jobs wait", (actions.StartWorker(),))


def test_a_queue_that_no_worker_serves_is_named_with_the_nearest_that_one_does() -> None:
    unserved = {"sync.meda": NoWorker("sync.meda", ["sync.media"])}
    queue = replace(QUEUE, queue="sync.meda", waiting=2, state="no_worker")

    urgency, subject, text, steps = only(needs(queues=(queue,), unserved=unserved))

    assert (urgency, subject) == (Urgency.PROBLEM, "sync.meda")
    assert text.startswith("2 jobs wait: no worker serves the queue sync.meda: did you mean sync.media?")
    assert steps == (actions.ListExtensions(), actions.RetireQueue("sync.meda"))


def test_a_paused_queue_and_an_old_job_are_named() -> None:
    paused = needs(queues=(replace(QUEUE, waiting=2, state="paused"),))
    assert only(paused)[2:] == ("paused: 2 jobs wait", (actions.ResumeQueue("sync.media"),))

    old = needs(queues=(replace(QUEUE, waiting=2, oldest_at=NOW - timedelta(hours=3)),))
    assert only(old)[2:] == ("2 jobs wait, the oldest for 3h", (actions.ListJobs("sync.media"),))


def test_periodic_actors_without_a_scheduler_are_a_problem() -> None:
    assert only(needs(schedulers=0))[3] == (actions.StartScheduler(),)
    assert needs(schedulers=0, periodic=0) == []


def test_a_silent_worker_is_named() -> None:
    silent = replace(WORKER, process="b:2", state="silent", seen_at=NOW - timedelta(minutes=2))

    assert "b:2 has said nothing for 2m" in only(needs(workers=(WORKER, silent)))[2]


def test_the_largest_groups_of_open_letters_are_named_after_the_problems() -> None:
    group = OpenGroup(fingerprint="1abc", provider="media", error="Permanent: 404", letters=12, last_seen=NOW)
    letters = OpenLetters(letters=15, groups=3, last_seen=NOW, largest=(group,))

    found = needs(letters=letters, schedulers=0)

    assert [need.subject for need in found] == ["scheduler", "dead letters", "dead letters"]
    assert found[1].text == "12 open: media: Permanent: 404"
    assert found[1].actions == (actions.ShowGroup("1abc"),)
    assert found[2].text == "15 are open in all, of 2 further causes"


def test_what_keeps_letters_from_being_counted_is_a_need() -> None:
    migrate = Need(urgency=Urgency.PROBLEM, subject="database", text="lacks 2", actions=(actions.MigrateDatabase(),))

    assert needs(letters=migrate) == [migrate]
