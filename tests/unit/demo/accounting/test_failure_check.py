from demo import scenario
from demo.accounting.failure_check import FailureCheck
from demo.accounting.ledger import Entry, Fate, Ledger
from demo.accounting.orders import Effect, Family


def ledger(*, dead: int = scenario.DEATHS, parked: tuple[str, ...]) -> Ledger:
    fallen = [Entry(Effect(Family.DOWNLOAD, (str(n), ""), str(n)), Fate.DEAD, 0) for n in range(dead)]
    waiting = [Entry(Effect(Family.EMAIL, ("", who), who), Fate.UNKNOWN, 0) for who in parked]
    return Ledger((*fallen, *waiting), (), ())


CIRCUIT = ("opened", "opened", "closed")
DOUBTFUL = (scenario.ACCEPTED_UNANSWERED, scenario.NEVER_ACCEPTED)


def test_all_planned_failures_took_place() -> None:
    assert FailureCheck(ledger(parked=DOUBTFUL), restarts=1, circuit=CIRCUIT).problems() == []


def test_a_job_that_should_have_died_and_did_not_is_a_problem() -> None:
    assert (
        len(FailureCheck(ledger(dead=scenario.DEATHS - 1, parked=DOUBTFUL), restarts=1, circuit=CIRCUIT).problems())
        == 1
    )


def test_a_worker_that_was_not_started_again_is_a_problem() -> None:
    assert len(FailureCheck(ledger(parked=DOUBTFUL), restarts=0, circuit=CIRCUIT).problems()) == 1


def test_a_doubtful_mail_that_was_not_parked_is_a_problem() -> None:
    assert len(FailureCheck(ledger(parked=DOUBTFUL[:1]), restarts=1, circuit=CIRCUIT).problems()) == 1


def test_a_circuit_that_did_not_open_or_did_not_close_again_is_a_problem() -> None:
    for circuit in ((), ("opened",), ("opened", "closed", "opened")):
        assert len(FailureCheck(ledger(parked=DOUBTFUL), restarts=1, circuit=circuit).problems()) == 1
