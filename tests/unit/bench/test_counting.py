import pytest

from bench.jobs.systems_compared import Miscounted
from bench.jobs.throughput import WARM_UP, check

ALL = list(range(10 + WARM_UP))


def test_a_round_in_which_every_job_ran_once_counts() -> None:
    check(list(reversed(ALL)), jobs=10)


def test_a_lost_job_spoils_the_round() -> None:
    with pytest.raises(Miscounted) as spoiled:
        check(ALL[1:], jobs=10)

    assert (spoiled.value.missing, spoiled.value.repeated) == (1, 0)


def test_a_repeated_job_spoils_the_round() -> None:
    with pytest.raises(Miscounted) as spoiled:
        check([*ALL, 4], jobs=10)

    assert (spoiled.value.missing, spoiled.value.repeated) == (0, 1)
