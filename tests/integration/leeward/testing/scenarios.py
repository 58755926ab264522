"""What services ask of a fleet. Each scenario is told to the real client and to the fake, and the answers must be the same."""

from datetime import UTC, datetime, timedelta
from typing import Any

from leeward import Job, Leeward, Priority, Request, SendEmail, SyncUser
from leeward.extension import Permanent, RateLimited, current_job, report_progress
from tests.integration.leeward.testing.trial import ALICE, BOB, HOUR, MAIL, Trial, raising


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
    trial.run({SyncUser: raising(Permanent("no such account"))})
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


def failures(trial: Trial) -> None:
    permanent = trial.ask(lambda fleet: fleet.enqueue(ALICE))
    trial.run({SyncUser: raising(Permanent("never"))}, attempts=3)
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
    trial.run({SyncUser: raising(RateLimited("slow down", retry_after=HOUR))})
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


SCENARIOS = [
    a_key_and_its_duplicates,
    a_key_of_a_dead_job_and_of_a_cancelled_one,
    many_with_conflicts_and_duplicates,
    the_states_of_a_job,
    no_such_job,
    cancelling,
    failures,
    a_provider_that_asks_for_time,
    lanes_and_partitions,
    impossible_options,
    the_options_of_a_job,
    options_of_the_wrong_type,
    deadlines,
    no_room,
    a_provider_that_is_switched_off,
    no_worker,
]
