from collections.abc import Callable

import pytest

from bench.rounds import interleaved, times_faster


def test_contenders_take_turns_and_keep_their_own_figures() -> None:
    order: list[str] = []

    def contender(name: str) -> Callable[[], float]:
        def measure() -> float:
            order.append(name)
            return len(order)

        return measure

    figures = interleaved(2, {"plain": contender("plain"), "leeward": contender("leeward")})

    assert order == ["plain", "leeward", "plain", "leeward"]
    assert figures == {"plain": [1, 3], "leeward": [2, 4]}


def test_a_ratio_compares_each_round_with_its_own_neighbour() -> None:
    assert times_faster(ours=[40, 10, 400], theirs=[10, 5, 100]) == 4


def test_rounds_without_a_neighbour_are_refused() -> None:
    with pytest.raises(ValueError, match="argument 2 is shorter"):
        times_faster(ours=[1, 2], theirs=[1])
