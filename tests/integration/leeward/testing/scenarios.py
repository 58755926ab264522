"""What services ask of a fleet. Each scenario is told to the real client and to the fake, and the answers must be the same."""

import time
from datetime import UTC, datetime, timedelta
from typing import Any

from leeward import Job, Leeward, Priority, Request, SendEmail, SyncUser
from leeward.extension import Permanent, RateLimited, begin_effect, current_job, report_progress, stop_if_cancelled
from tests.integration.leeward.testing.trial import Trial

ALICE, BOB = SyncUser(user="alice"), SyncUser(user="bob")
MAIL = SendEmail(to=("alice@example.org",), subject="Welcome", text="Hello")
HOUR = timedelta(hours=1)
AT_ONCE = timedelta(0)


def a_key_and_its_duplicates(trial: Trial) -> None:
    first = trial.ask(lambda fleet: fleet.enqueue(ALICE, idempotency_key="k"))
    trial.ask(lambda fleet: fleet.enqueue(ALICE, idempotency_key="k"))
    trial.ask(lambda fleet: fleet.enqueue(BOB, idempotency_key="k"))
    # Another provider has keys of its own.
    trial.ask(lambda fleet: fleet.enqueue(MAIL, idempotency_key="k"))
    trial.run({SyncUser: lambda job: {"user": job.user}})
    trial.ask(lambda fleet: fleet.enqueue(ALICE, idempotency_key="k"))
    trial.ask(lambda fleet: fleet.enqueue(BOB, idempotency_key="k"))
    trial.ask(lambda fleet: fleet.result(first.job_id))


def a_key_of_a_dead_job_and_of_a_cancelled_one(trial: Trial) -> None:
    trial.ask(lambda fleet: fleet.enqueue(ALICE, idempotency_key="dead"))
    trial.run({SyncUser: _raise(Permanent("no such account"))})
    trial.ask(lambda fleet: fleet.enqueue(ALICE, idempotency_key="dead"))
    cancelled = trial.ask(lambda fleet: fleet.enqueue(ALICE, idempotency_key="cancelled"))
    trial.ask(lambda fleet: fleet.cancel(cancelled.job_id))
    trial.ask(lambda fleet: fleet.enqueue(BOB, idempotency_key="cancelled"))


def many_with_conflicts_and_duplicates(trial: Trial) -> None:
    requests: list[Request | Job] = [
        Request(ALICE, idempotency_key="k"),
        Request(ALICE, idempotency_key="k"),
        Request(BOB, idempotency_key="k"),
        MAIL,
        Request(MAIL, delay=HOUR),
    ]
    answers = trial.ask(lambda fleet: fleet.enqueue_many(requests))
    trial.ask(lambda fleet: fleet.status(answers[4].job_id))
    trial.ask(lambda fleet: fleet.enqueue_many([]))


def the_states_of_a_job(trial: Trial) -> None:
    job = trial.ask(lambda fleet: fleet.enqueue(ALICE))
    later = trial.ask(lambda fleet: fleet.enqueue(BOB, delay=HOUR))
    trial.ask(lambda fleet: fleet.status(job.job_id))
    trial.ask(lambda fleet: fleet.status(later.job_id))

    def handler(job_: SyncUser) -> dict[str, object]:
        report_progress(1, 2)
        trial.ask(lambda fleet: fleet.status(job.job_id).state)
        trial.ask(lambda fleet: fleet.cancel(job.job_id))
        return {"user": job_.user, "at": [1, 2.5, None]}

    trial.run({SyncUser: handler})
    trial.ask(lambda fleet: fleet.status(job.job_id))
    trial.ask(lambda fleet: fleet.result(job.job_id))
    trial.ask(lambda fleet: fleet.status(later.job_id))


def no_such_job(trial: Trial) -> None:
    for question in (Leeward.status, Leeward.cancel, Leeward.result):
        trial.ask(lambda fleet, ask=question: getattr(fleet, ask.__name__)("0" * 32))  # type: ignore[misc]


def cancelling(trial: Trial) -> None:
    ready = trial.ask(lambda fleet: fleet.enqueue(ALICE))
    scheduled = trial.ask(lambda fleet: fleet.enqueue(ALICE, delay=HOUR))
    done = trial.ask(lambda fleet: fleet.enqueue(MAIL))
    trial.run({SendEmail: lambda _: None})
    for job in (ready, scheduled, done, ready):
        trial.ask(lambda fleet, job=job: fleet.cancel(job.job_id))  # type: ignore[misc]
        trial.ask(lambda fleet, job=job: fleet.status(job.job_id))  # type: ignore[misc]
    trial.ask(lambda fleet: fleet.result(ready.job_id))


def cancelling_a_job_that_runs(trial: Trial) -> None:
    job = trial.ask(lambda fleet: fleet.enqueue(ALICE, idempotency_key="k"))
    mail = trial.ask(lambda fleet: fleet.enqueue(MAIL))

    def until_cancelled(_: SyncUser) -> None:
        trial.ask(lambda fleet: fleet.cancel(job.job_id, running=False))
        trial.ask(lambda fleet: fleet.cancel(job.job_id))
        end = time.monotonic() + 30
        while time.monotonic() < end:
            stop_if_cancelled()
            time.sleep(0.01)
        trial.note("it was never cancelled")

    def with_an_effect(_: SendEmail) -> dict[str, int]:
        begin_effect()
        trial.ask(lambda fleet: fleet.cancel(mail.job_id))
        return {"sent": 1}

    trial.run({SyncUser: until_cancelled})
    trial.run({SendEmail: with_an_effect})
    trial.ask(lambda fleet: fleet.status(job.job_id).state)
    trial.ask(lambda fleet: fleet.enqueue(BOB, idempotency_key="k"))
    trial.ask(lambda fleet: fleet.status(mail.job_id).state)


def failures(trial: Trial) -> None:
    permanent = trial.ask(lambda fleet: fleet.enqueue(ALICE))
    trial.run({SyncUser: _raise(Permanent("never"))}, attempts=3)
    trial.ask(lambda fleet: fleet.status(permanent.job_id))
    trial.ask(lambda fleet: fleet.result(permanent.job_id))
    exhausted = trial.ask(lambda fleet: fleet.enqueue(MAIL))
    tries: list[int] = []

    def failing(_: SendEmail) -> None:
        tries.append(1)
        raise ValueError("a bug")

    trial.run({SendEmail: failing}, attempts=3)
    trial.note(len(tries))
    trial.ask(lambda fleet: fleet.status(exhausted.job_id))


def a_provider_that_asks_for_time(trial: Trial) -> None:
    job = trial.ask(lambda fleet: fleet.enqueue(ALICE))
    trial.run({SyncUser: _raise(RateLimited("slow down", retry_after=HOUR))})
    trial.ask(lambda fleet: fleet.status(job.job_id).attempts)
    trial.ask(lambda fleet: fleet.status(job.job_id).state)


def lanes_and_partitions(trial: Trial) -> None:
    def user(name: str) -> SyncUser:
        return SyncUser(user=name)

    trial.ask(
        lambda fleet: fleet.enqueue_many(
            [
                Request(user("bulk"), priority=Priority.BULK),
                *(Request(user(f"a{number}"), partition="a") for number in range(3)),
                user("own-1"),
                Request(user("b0"), partition="b"),
                user("own-2"),
                Request(user("b1"), partition="b"),
                Request(user("visitor"), priority=Priority.INTERACTIVE),
            ]
        )
    )
    trial.run({SyncUser: lambda job: trial.note(job.user)})


def jobs_that_enqueue_jobs(trial: Trial) -> None:
    job = trial.ask(lambda fleet: fleet.enqueue(ALICE, idempotency_key="parent"))

    def handler(_: SyncUser) -> None:
        running = current_job()
        assert running is not None
        trial.note([running.id == job.job_id, running.key, running.delivery, running.request_id == job.job_id])
        trial.ask(lambda fleet: fleet.enqueue(MAIL, idempotency_key="child"))

    def mailed(_: SendEmail) -> None:
        running = current_job()
        assert running is not None
        trial.note(["same request", running.request_id == job.job_id])

    with trial.site.limited("smtp", max_waiting=0):
        trial.run({SyncUser: handler, SendEmail: mailed})


def follow_ups(trial: Trial) -> None:
    last = Request(SyncUser(user="last"), idempotency_key="last", delay=HOUR)
    trial.ask(lambda fleet: fleet.enqueue(ALICE, idempotency_key="first", then=[Request(MAIL, then=last), BOB]))
    trial.ask(lambda fleet: fleet.enqueue(ALICE, idempotency_key="first", then=MAIL))

    def note(job: SyncUser | SendEmail) -> None:
        trial.note(job.user if isinstance(job, SyncUser) else job.subject)

    trial.run({SyncUser: note})
    trial.run({SendEmail: note})
    trial.ask(lambda fleet: fleet.enqueue(SyncUser(user="last"), idempotency_key="last").duplicate)


def no_follow_up_of_a_job_that_fails(trial: Trial) -> None:
    dead = trial.ask(lambda fleet: fleet.enqueue(ALICE, then=MAIL))
    trial.run({SyncUser: _raise(Permanent("never"))})
    trial.ask(lambda fleet: fleet.status(dead.job_id).state)
    cancelled = trial.ask(lambda fleet: fleet.enqueue(ALICE, then=MAIL))
    trial.ask(lambda fleet: fleet.cancel(cancelled.job_id))
    trial.run({SendEmail: lambda job: trial.note(job.subject)})
    trial.note("no mail")


def a_batch(trial: Trial) -> None:
    jobs = [SyncUser(user=f"user-{number}") for number in range(3)]
    batch = trial.ask(lambda fleet: fleet.enqueue_batch([*jobs, MAIL], on_done=ALICE, on_success=BOB, key="import"))
    trial.ask(lambda fleet: fleet.batch(batch.batch_id))
    trial.ask(lambda fleet: fleet.enqueue_batch([*jobs, MAIL], on_done=ALICE, on_success=BOB, key="import"))
    trial.ask(lambda fleet: fleet.enqueue_batch([MAIL], key="import"))
    trial.ask(lambda fleet: fleet.cancel(batch.answers[0].job_id))
    trial.run({SyncUser: lambda job: trial.note(job.user)})
    trial.ask(lambda fleet: fleet.batch(batch.batch_id))
    trial.run({SendEmail: _raise(Permanent("never"))})
    trial.ask(lambda fleet: fleet.batch(batch.batch_id))
    trial.run({SyncUser: lambda job: trial.note(job.user)})
    trial.ask(lambda fleet: fleet.batch("smtp:unknown"))
    trial.ask(lambda fleet: fleet.batch("no id"))


def a_batch_that_succeeds(trial: Trial) -> None:
    trial.ask(lambda fleet: fleet.enqueue_batch([ALICE, ALICE], on_success=MAIL, key="k"))
    trial.run({SyncUser: lambda _: None})
    trial.run({SendEmail: lambda job: trial.note(job.subject)})
    trial.ask(lambda fleet: fleet.enqueue_batch([], on_done=MAIL, key="empty"))
    trial.run({SendEmail: lambda job: trial.note(job.subject)})


def impossible_options(trial: Trial) -> None:
    trial.ask(lambda fleet: fleet.enqueue(ALICE, idempotency_key=""))
    trial.ask(lambda fleet: fleet.enqueue(ALICE, idempotency_key="k" * 256))
    trial.ask(lambda fleet: fleet.enqueue(ALICE, partition="\x00"))
    trial.ask(lambda fleet: fleet.enqueue(ALICE, delay=timedelta(seconds=-1)))
    trial.ask(lambda fleet: fleet.enqueue(ALICE, deadline=datetime(2030, 1, 1)))  # noqa: DTZ001
    trial.ask(lambda fleet: fleet.enqueue_many([MAIL, Request(ALICE, partition="")]))
    trial.ask(lambda fleet: fleet.enqueue(SendEmail(to=("a@example.org",), subject="Hi", text="x" * 300_000)))


def the_options_of_a_job(trial: Trial) -> None:
    trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
    job = trial.ask(
        lambda fleet: fleet.enqueue(
            ALICE, priority="bulk", partition="acme", tags=["import", "2026"], request_id="r-1", traceparent=trace
        )
    )
    trial.ask(lambda fleet: fleet.status(job.job_id))
    later = trial.ask(lambda fleet: fleet.enqueue(ALICE, run_at=datetime.now(UTC) + HOUR))
    trial.ask(lambda fleet: fleet.status(later.job_id))
    over = trial.ask(lambda fleet: fleet.enqueue(ALICE, run_at=datetime(2020, 1, 1, tzinfo=UTC)))
    trial.ask(lambda fleet: fleet.status(over.job_id).state)

    def handler(_: SyncUser) -> None:
        running = current_job()
        assert running is not None
        trial.note([running.request_id == "r-1", running.traceparent])

    trial.run({SyncUser: handler})


def options_of_the_wrong_type(trial: Trial) -> None:
    wrong: dict[str, Any] = {
        "priority": "urgent",
        "delay": 5,
        "deadline": 5,
        "run_at": datetime(2030, 1, 1),  # noqa: DTZ001
        "request_id": 5,
        "traceparent": "no trace",
        "tags": "import",
        "partition": 5,
        "idempotency_key": 5,
    }
    for option, value in wrong.items():
        trial.ask(lambda fleet, option=option, value=value: fleet.enqueue(ALICE, **{option: value}))  # type: ignore[misc]
    trial.ask(lambda fleet: fleet.enqueue({"user": "alice"}))  # type: ignore[arg-type]
    trial.ask(lambda fleet: fleet.enqueue(ALICE, delay=HOUR, run_at=datetime(2030, 1, 1, tzinfo=UTC)))
    trial.ask(lambda fleet: fleet.enqueue_many([ALICE, "bob"]))  # type: ignore[list-item]


def deadlines(trial: Trial) -> None:
    late = trial.ask(lambda fleet: fleet.enqueue(ALICE, deadline=datetime(2020, 1, 1, tzinfo=UTC)))
    trial.run({SyncUser: lambda job: trial.note(job.user)})
    trial.ask(lambda fleet: fleet.status(late.job_id))


def no_room(trial: Trial) -> None:
    with trial.site.limited("jellyfin", max_waiting=2, partition_max_waiting=1):
        trial.ask(lambda fleet: fleet.enqueue(ALICE, partition="a", idempotency_key="k"))
        trial.ask(lambda fleet: fleet.enqueue(BOB, partition="a"))
        # A key that is taken is answered before there is room.
        trial.ask(lambda fleet: fleet.enqueue(ALICE, partition="a", idempotency_key="k"))
        trial.ask(lambda fleet: fleet.enqueue_many([Request(BOB, partition="b", delay=HOUR), MAIL, BOB]))


def a_provider_that_is_switched_off(trial: Trial) -> None:
    with trial.site.disabled("jellyfin"):
        trial.ask(lambda fleet: fleet.enqueue(ALICE, idempotency_key="k"))
        trial.ask(lambda fleet: fleet.enqueue_many([ALICE, MAIL]))
    trial.ask(lambda fleet: fleet.enqueue(ALICE, idempotency_key="k"))


def no_worker(trial: Trial) -> None:
    with trial.site.without_worker("sync.jellyfin"):
        trial.ask(lambda fleet: fleet.enqueue(MAIL))
        trial.ask(lambda fleet: fleet.enqueue(ALICE, require_worker=True))
        trial.ask(lambda fleet: fleet.enqueue_many([MAIL, ALICE], require_worker=True))
        trial.ask(lambda fleet: str(fleet.unserved("sync.jellyfin")))
        trial.ask(lambda fleet: fleet.unserved("email.smtp"))
        trial.ask(lambda fleet: fleet.enqueue(ALICE))
        trial.ask(lambda fleet: fleet.enqueue(MAIL, require_worker=True))


def _raise(error: Exception):  # type: ignore[no-untyped-def]
    def handler(_: object) -> None:
        raise error

    return handler


SCENARIOS = [
    a_key_and_its_duplicates,
    a_key_of_a_dead_job_and_of_a_cancelled_one,
    many_with_conflicts_and_duplicates,
    the_states_of_a_job,
    no_such_job,
    cancelling,
    cancelling_a_job_that_runs,
    failures,
    a_provider_that_asks_for_time,
    lanes_and_partitions,
    jobs_that_enqueue_jobs,
    follow_ups,
    no_follow_up_of_a_job_that_fails,
    a_batch,
    a_batch_that_succeeds,
    impossible_options,
    the_options_of_a_job,
    options_of_the_wrong_type,
    deadlines,
    no_room,
    a_provider_that_is_switched_off,
    no_worker,
]
