"""When a process runs suspects, and nothing else."""

import pytest

from broker.crashes.isolation import DRAIN_SECONDS, LONGEST_REST_SECONDS, Asks, Isolation, Step


class Process:
    """An isolation with a clock and a load that the test moves."""

    def __init__(self) -> None:
        self.now = 1_000.0
        self.holds = 0
        self.isolation = Isolation(lambda: self.holds == 0, lambda: self.now)

    def ask(
        self, queue: str = "mail", *, invited: bool = False, got: int = 0, alone_seconds: float = 60.0
    ) -> Asks | None:
        asks = self.isolation.ask(queue)
        if asks is not None:
            self.holds += got
            self.isolation.answered(queue, asks, invited=invited, got=got, alone_seconds=alone_seconds)
        return asks


@pytest.fixture
def process() -> Process:
    return Process()


def test_a_process_that_holds_nothing_is_free_and_one_at_work_is_willing(process: Process) -> None:
    assert process.ask() is Asks.FREE
    process.holds = 1
    assert process.ask() is Asks.WILLING


def test_one_that_asks_twice_at_once_holds_what_the_other_question_may_bring(process: Process) -> None:
    assert process.isolation.ask("sync") is Asks.FREE
    assert process.isolation.ask("mail") is Asks.WILLING


def test_an_invited_process_keeps_other_queues_out_and_asks_when_it_holds_nothing(process: Process) -> None:
    process.holds = 1
    process.ask(invited=True)

    assert process.isolation.keeps_out("sync")
    assert not process.isolation.keeps_out("mail")
    assert process.isolation.ask("sync") is None
    assert process.isolation.step() is Step.WAIT
    process.holds = 0
    assert process.isolation.step() is Step.ASK
    assert process.ask(got=2) is Asks.APART
    assert process.isolation.step() is Step.WAIT


def test_an_answer_on_its_way_to_another_consumer_is_waited_for(process: Process) -> None:
    on_its_way = process.isolation.ask("sync")
    assert on_its_way is not None
    process.ask(invited=True)

    assert process.isolation.step() is Step.WAIT
    process.holds = 1
    process.isolation.answered("sync", on_its_way, invited=False, got=1)
    assert process.isolation.step() is Step.WAIT
    process.holds = 0
    assert process.isolation.step() is Step.ASK


def test_when_the_suspects_have_ended_others_come_again(process: Process) -> None:
    process.ask(invited=True)
    process.ask(got=1)
    process.holds = 0

    assert process.isolation.step() is None
    assert process.isolation.queue is None


def test_a_process_that_found_no_suspect_any_more_is_at_work_again(process: Process) -> None:
    process.ask(invited=True)
    process.ask(got=0)

    assert process.isolation.queue is None


def test_other_jobs_may_join_when_the_time_alone_is_over(process: Process) -> None:
    process.ask(invited=True)
    process.ask(got=1, alone_seconds=60)
    process.now += 60

    assert process.isolation.step() is Step.REJOIN
    process.isolation.end()
    assert process.isolation.queue is None


def test_a_drain_that_takes_too_long_is_given_up(process: Process) -> None:
    process.holds = 1
    process.ask(invited=True)
    process.now += DRAIN_SECONDS

    assert process.isolation.step() is None
    assert process.ask("sync") is Asks.AT_WORK


def test_other_jobs_come_first_for_as_long_as_the_suspects_took(process: Process) -> None:
    process.ask(invited=True)
    process.ask(got=1)
    process.holds, process.now = 0, process.now + 20
    process.isolation.step()

    assert process.ask() is Asks.IDLE
    process.now += 19.9
    assert process.ask() is Asks.IDLE
    process.now += 0.1
    assert process.ask() is Asks.FREE


def test_other_jobs_come_first_for_a_minute_at_most(process: Process) -> None:
    process.ask(invited=True)
    process.ask(got=1, alone_seconds=10_000)
    process.holds, process.now = 0, process.now + 9_999
    process.isolation.step()
    process.now += LONGEST_REST_SECONDS

    assert process.ask() is Asks.FREE


def test_a_question_without_an_answer_leaves_everything_as_it_was(process: Process) -> None:
    asks = process.isolation.ask("mail")
    assert asks is not None
    process.isolation.answered("mail", asks, invited=False)

    assert process.ask() is Asks.FREE
