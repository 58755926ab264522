from console.demo import programme
from console.demo.ledger import Entry, Fate, Ledger
from console.demo.orders import Effect, Family
from console.demo.plot import Plot


def ledger(*, dead: int = programme.DEATHS, parked: tuple[str, ...]) -> Ledger:
    fallen = [Entry(Effect(Family.DOWNLOAD, (str(n), ""), str(n)), Fate.DEAD, 0) for n in range(dead)]
    waiting = [Entry(Effect(Family.EMAIL, ("", who), who), Fate.UNKNOWN, 0) for who in parked]
    return Ledger((*fallen, *waiting), (), ())


CIRCUIT = ("opened", "opened", "closed")
DOUBTFUL = (programme.ACCEPTED_UNANSWERED, programme.NEVER_ACCEPTED)


def test_all_planned_failures_took_place() -> None:
    assert Plot(ledger(parked=DOUBTFUL), restarts=1, circuit=CIRCUIT).problems() == []


def test_a_job_that_should_have_died_and_did_not_is_a_problem() -> None:
    assert len(Plot(ledger(dead=programme.DEATHS - 1, parked=DOUBTFUL), restarts=1, circuit=CIRCUIT).problems()) == 1


def test_a_worker_that_was_not_started_again_is_a_problem() -> None:
    assert len(Plot(ledger(parked=DOUBTFUL), restarts=0, circuit=CIRCUIT).problems()) == 1


def test_a_doubtful_mail_that_was_not_parked_is_a_problem() -> None:
    assert len(Plot(ledger(parked=DOUBTFUL[:1]), restarts=1, circuit=CIRCUIT).problems()) == 1


def test_a_circuit_that_did_not_open_or_did_not_close_again_is_a_problem() -> None:
    for circuit in ((), ("opened",), ("opened", "closed", "opened")):
        assert len(Plot(ledger(parked=DOUBTFUL), restarts=1, circuit=circuit).problems()) == 1
