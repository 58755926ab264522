"""How many threads of a process one provider's jobs may take."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broker.session.prefetch import thread_cap


@pytest.mark.parametrize(
    ("threads", "share", "cap"), [(8, 0.75, 6), (8, 1.0, 7), (8, 0.01, 1), (4, 0.75, 3), (2, 0.75, 1), (2, 0.1, 1)]
)
def test_a_provider_has_its_share_and_never_all(threads: int, share: float, cap: int) -> None:
    assert thread_cap(threads=threads, share=share, providers=2) == cap


def test_a_provider_that_is_alone_has_all() -> None:
    assert thread_cap(threads=8, share=0.25, providers=1) == 8


def test_a_single_thread_serves_everybody_in_turn() -> None:
    assert thread_cap(threads=1, share=0.75, providers=3) == 1


@given(st.integers(2, 256), st.floats(0.001, 1), st.integers(2, 20))
def test_there_is_always_a_thread_for_it_and_one_for_the_others(threads: int, share: float, providers: int) -> None:
    assert 1 <= thread_cap(threads=threads, share=share, providers=providers) <= threads - 1
