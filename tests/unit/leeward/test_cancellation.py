"""The answer of `cancel`: a word, a condition, and something to count."""

from leeward.cancellation import Cancellation


def test_only_a_job_that_has_ended_by_it_counts() -> None:
    assert sum(Cancellation) == 1
    assert [answer for answer in Cancellation if answer] == [Cancellation.CANCELLED]
