"""Waiting returns what was waited for, or says what was not."""

import pytest

from tests.support.waiting import wait_until


def test_the_truthy_answer_is_returned() -> None:
    answers = iter([None, 0, "", "here"])

    assert wait_until(lambda: next(answers), description="an answer", interval=0) == "here"


def test_waiting_in_vain_names_the_description_and_the_last_answer() -> None:
    with pytest.raises(AssertionError, match=r"Waited 0 s in vain for: the answer \(last answer: \[\]\)"):
        wait_until(list, description="the answer", timeout=0)


def test_what_the_predicate_raises_is_not_hidden() -> None:
    with pytest.raises(ZeroDivisionError):
        wait_until(lambda: 1 / 0, description="nothing")
