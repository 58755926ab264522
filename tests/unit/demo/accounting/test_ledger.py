from datetime import UTC, datetime
from uuid import uuid4

from demo.accounting.books import Books
from demo.accounting.ledger import Fate, Ledger, reckon
from demo.accounting.orders import Effect, Family
from demo.accounting.outside import Seen
from leeward import JobState
from leeward.jobs.dead_reason import DeadReason
from storage.dead_letters.letter.views import Summary
from storage.dead_letters.state import State

USER = Effect(Family.SYNC, ("alice", "enabled"), "job-user")
MAIL = Effect(Family.EMAIL, ("Tonight", "bob@example.org"), "job-mail")
FILE = Effect(Family.DOWNLOAD, ("a/b.bin", "c0ffee"), "job-file")
WANTED = (USER, MAIL, FILE)
NOW = datetime(2026, 1, 1, tzinfo=UTC)


def letter(effect: Effect, reason: DeadReason, state: State = State.FAILED) -> Summary:
    return Summary(
        id=uuid4(),
        job_id=effect.job_id,
        provider="somewhere",
        queue=f"{effect.family}.somewhere",
        actor="some.actor",
        priority="normal",
        reason=reason,
        state=state,
        version=1,
        owner=None,
        note=None,
        error_type=None,
        error_message=None,
        attempts=0,
        deliveries=1,
        worker=None,
        request_id=None,
        trace_id=None,
        idempotency_key=None,
        tenant=None,
        enqueued_at=NOW,
        died_at=NOW,
        created_at=NOW,
        updated_at=NOW,
        replay_refusal=None,
        replay_of=None,
        replayed_as=None,
        replayed_at=None,
        generation=0,
        operation=None,
        fingerprint=None,
        hold=False,
        finished_at=None,
        superseded_by=None,
        replay_id=None,
    )


def books(*letters: Summary, **states: JobState) -> Books:
    """All jobs are done but those of the dead letters and those that are named."""
    found = {effect.job_id: JobState.DONE for effect in WANTED}
    found |= {each.job_id: JobState.DEAD for each in letters}
    return Books(
        found | {name.replace("_", "-"): state for name, state in states.items()}, {x.job_id: x for x in letters}
    )


def seen(*effects: Effect) -> Seen:
    return Seen((effect.family, effect.name) for effect in effects)


def fates(ledger: Ledger) -> dict[Effect, Fate]:
    return {entry.effect: entry.fate for entry in ledger.entries}


def test_everything_that_was_seen_once_is_done_and_no_number_is_off() -> None:
    ledger = reckon(WANTED, seen(*WANTED), books())

    assert ledger.count(Fate.DONE) == 3
    assert ledger.repeated() == 0
    assert ledger.problems() == []


def test_an_effect_that_nobody_has_is_lost_even_if_the_fleet_says_that_it_is_done() -> None:
    ledger = reckon(WANTED, seen(USER, FILE), books())

    assert fates(ledger)[MAIL] is Fate.LOST
    assert any("lost" in problem and "Tonight" in problem for problem in ledger.problems())
    assert any("records disagree" in problem for problem in ledger.problems())


def test_a_lost_job_that_the_fleet_forgot_is_lost_too() -> None:
    forgotten = Books({USER.job_id: JobState.DONE, MAIL.job_id: JobState.DONE}, {})

    assert fates(reckon(WANTED, seen(USER, MAIL), forgotten))[FILE] is Fate.LOST


def test_a_mail_that_came_twice_is_repeated() -> None:
    ledger = reckon(WANTED, seen(*WANTED, MAIL), books())

    assert ledger.repeated() == 1
    assert ledger.repeated(Family.EMAIL) == 1
    assert ledger.problems() == [f"happened 2 times: {MAIL}"]


def test_an_account_that_was_made_twice_is_repeated() -> None:
    assert reckon(WANTED, seen(*WANTED, USER), books()).repeated(Family.SYNC) == 1


def test_a_parked_mail_is_unknown_and_no_problem_whether_it_arrived_or_not() -> None:
    parked = books(letter(MAIL, DeadReason.UNKNOWN_OUTCOME))

    for arrived in (seen(*WANTED), seen(USER, FILE)):
        ledger = reckon(WANTED, arrived, parked)

        assert fates(ledger)[MAIL] is Fate.UNKNOWN
        assert ledger.problems() == []


def test_a_parked_mail_that_came_twice_is_repeated() -> None:
    ledger = reckon(WANTED, seen(*WANTED, MAIL), books(letter(MAIL, DeadReason.UNKNOWN_OUTCOME)))

    assert ledger.problems() == [f"happened 2 times: {MAIL}"]


def test_a_parked_account_is_a_problem_because_it_could_simply_have_been_repeated() -> None:
    ledger = reckon(WANTED, seen(*WANTED), books(letter(USER, DeadReason.UNKNOWN_OUTCOME)))

    assert len(ledger.problems()) == 1


def test_a_job_that_is_still_dead_is_a_problem_but_not_lost() -> None:
    ledger = reckon(WANTED, seen(USER, MAIL), books(letter(FILE, DeadReason.PERMANENT)))

    assert ledger.count(Fate.DEAD) == 1
    assert ledger.count(Fate.LOST) == 0
    assert ledger.problems() == [f"still dead: {FILE}"]


def test_a_dead_job_that_recovered_by_its_replay_is_done() -> None:
    ledger = reckon(WANTED, seen(*WANTED), books(letter(FILE, DeadReason.PERMANENT, State.RECOVERED)))

    assert ledger.count(Fate.DONE) == 3
    assert ledger.problems() == []


def test_a_discarded_job_without_its_effect_is_lost() -> None:
    ledger = reckon(WANTED, seen(USER, MAIL), books(letter(FILE, DeadReason.PERMANENT, State.DISCARDED)))

    assert fates(ledger)[FILE] is Fate.LOST


def test_an_effect_of_a_job_that_the_fleet_calls_dead_is_a_contradiction() -> None:
    ledger = reckon(WANTED, seen(*WANTED), books(letter(FILE, DeadReason.PERMANENT)))

    assert any("records disagree" in problem for problem in ledger.problems())


def test_an_effect_of_a_job_that_still_runs_is_a_contradiction() -> None:
    ledger = reckon(WANTED, seen(*WANTED), books(job_user=JobState.RUNNING))

    assert any("records disagree" in problem for problem in ledger.problems())


def test_what_nobody_asked_for_is_a_problem() -> None:
    stranger = Effect(Family.EMAIL, ("Tonight", "eve@example.org"), "")

    assert reckon(WANTED, seen(*WANTED, stranger), books()).problems() == [
        "not requested: email Tonight / eve@example.org"
    ]


def test_every_wanted_effect_has_exactly_one_fate() -> None:
    ledger = reckon(WANTED, seen(USER), books(letter(MAIL, DeadReason.UNKNOWN_OUTCOME)))

    assert sum(ledger.count(fate) for fate in Fate) == len(WANTED)
    assert sum(ledger.count(fate, family) for fate in Fate for family in Family) == len(WANTED)
