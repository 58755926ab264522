import pytest

from bench.waiting import NeverHappened, happens, wait_for


def test_waiting_ends_when_the_condition_holds() -> None:
    answers = iter([False, False, True])

    wait_for(lambda: next(answers), "the third answer", every_seconds=0)

    assert next(answers, "none left") == "none left"


def test_waiting_in_vain_says_what_for() -> None:
    with pytest.raises(NeverHappened, match="the moon"):
        wait_for(lambda: False, "the moon", limit_seconds=0)


def test_a_condition_that_never_holds_does_not_happen() -> None:
    assert not happens(lambda: False, limit_seconds=0)
