"""Scenarios of more than one job, of jobs that run, and of code that is not a job."""

from contextlib import suppress

import leeward
from leeward import Leeward, Request, SendEmail, SyncUser
from leeward.extension import Permanent, begin_effect, current_job, stop_if_cancelled
from tests.integration.leeward.testing.trial import ALICE, BOB, HOUR, MAIL, Trial, raising
from tests.support.waiting import wait_until


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
    trial.run({SyncUser: raising(Permanent("never"))})
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
    trial.run({SendEmail: raising(Permanent("never"))})
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


def cancelling_a_job_that_runs(trial: Trial) -> None:
    job = trial.ask(lambda fleet: fleet.enqueue(ALICE, idempotency_key="k"))
    mail = trial.ask(lambda fleet: fleet.enqueue(MAIL))

    def until_cancelled(_: SyncUser) -> None:
        trial.ask(lambda fleet: fleet.cancel(job.job_id, running=False))
        trial.ask(lambda fleet: fleet.cancel(job.job_id))
        wait_until(stop_if_cancelled, description="the cancellation, which is an exception", timeout=30)

    def with_an_effect(_: SendEmail) -> dict[str, int]:
        begin_effect()
        trial.ask(lambda fleet: fleet.cancel(mail.job_id))
        return {"sent": 1}

    trial.run({SyncUser: until_cancelled})
    trial.run({SendEmail: with_an_effect})
    trial.ask(lambda fleet: fleet.status(job.job_id).state)
    trial.ask(lambda fleet: fleet.enqueue(BOB, idempotency_key="k"))
    trial.ask(lambda fleet: fleet.status(mail.job_id).state)


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


def a_batch_without_room(trial: Trial) -> None:
    with trial.site.disabled("smtp"):
        refused = trial.ask(lambda fleet: fleet.enqueue_batch([ALICE, MAIL], on_done=BOB, key="k"))
    trial.run({SyncUser: lambda job: trial.note(job.user)})
    batch = trial.ask(lambda fleet: fleet.enqueue_batch([ALICE, MAIL], on_done=BOB, key="k"))
    trial.run({SendEmail: lambda _: None})
    trial.run({SyncUser: lambda job: trial.note(job.user)})
    trial.ask(lambda fleet: fleet.batch(batch.batch_id))
    trial.note(refused.key)


def code_that_runs_once(trial: Trial) -> None:
    def charge(fleet: Leeward, cents: int, *, fails: bool = False) -> list[object]:
        with leeward.once("charge-17", fleet, payload={"cents": cents}) as call:
            if fails:
                raise Permanent("no money")
            if call.is_new:
                call.answer = {"receipt": cents}
        return [call.is_new, call.is_open, call.answer]

    with suppress(Permanent):
        trial.ask(lambda fleet: charge(fleet, 250, fails=True))
    trial.ask(lambda fleet: charge(fleet, 250))
    trial.ask(lambda fleet: charge(fleet, 250))
    trial.ask(lambda fleet: charge(fleet, 300))


FLOWS = [
    follow_ups,
    no_follow_up_of_a_job_that_fails,
    a_batch,
    a_batch_that_succeeds,
    a_batch_without_room,
    cancelling_a_job_that_runs,
    jobs_that_enqueue_jobs,
]
BLOCKING = [code_that_runs_once]
"""Those that are written differently for event loops."""
