import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.quantiles import median, quantile

VALUES = st.lists(st.floats(allow_nan=False, allow_infinity=False, width=32), min_size=1)


def test_the_median_of_an_odd_number_of_values_is_the_middle_one() -> None:
    assert median([9, 1, 5]) == 5


def test_the_median_of_an_even_number_of_values_is_between_the_two_in_the_middle() -> None:
    assert median([1, 9, 5, 3]) == 4


@given(VALUES, st.floats(0, 1))
def test_a_quantile_is_a_value_that_was_measured(values: list[float], q: float) -> None:
    assert quantile(values, q) in values


@given(VALUES)
def test_the_outer_quantiles_are_the_least_and_the_greatest_value(values: list[float]) -> None:
    assert (quantile(values, 0), quantile(values, 1)) == (min(values), max(values))


def test_the_99th_percentile_of_a_hundred_values_leaves_one_above_it() -> None:
    assert quantile(range(1, 101), 0.99) == 99


@pytest.mark.parametrize("q", [-0.1, 1.1])
def test_a_quantile_out_of_range_is_refused(q: float) -> None:
    with pytest.raises(ValueError, match="quantile"):
        quantile([1.0], q)


def test_nothing_has_no_median_and_no_quantile() -> None:
    with pytest.raises(ValueError, match="no values"):
        median([])
    with pytest.raises(ValueError, match="0 values"):
        quantile([], 0.5)
