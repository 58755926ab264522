"""How many jobs a process asks for."""

from hypothesis import given
from hypothesis import strategies as st

from broker.session.prefetch import MOST, room, target, thread_cap
from broker.session.throughput import Throughput

counts = st.integers(0, 100_000)


def test_an_idle_process_asks_for_one_job_per_thread() -> None:
    assert room(threads=8, handed_out=0, held_here=0, finished_in_window=0) == 8


def test_slow_jobs_are_not_hoarded() -> None:
    assert room(threads=8, handed_out=8, held_here=8, finished_in_window=1) == 0


def test_fast_jobs_are_fetched_ahead_by_what_is_done_in_twenty_milliseconds() -> None:
    assert target(finished_in_window=1_000) == 200
    assert room(threads=8, handed_out=8, held_here=8, finished_in_window=1_000) == 192


def test_fast_jobs_come_in_batches_and_not_one_by_one() -> None:
    assert room(threads=8, handed_out=150, held_here=150, finished_in_window=1_000) == 0
    assert room(threads=8, handed_out=100, held_here=100, finished_in_window=1_000) == 100


def test_a_queue_that_runs_ahead_does_not_starve_another() -> None:
    assert room(threads=8, handed_out=200, held_here=0, finished_in_window=0) == 8


@given(threads=st.integers(1, 64), handed_out=counts, held_here=counts, finished_in_window=counts)
def test_nobody_ever_asks_for_less_than_nothing_or_more_than_the_most(
    threads: int, handed_out: int, held_here: int, finished_in_window: int
) -> None:
    asked = room(threads=threads, handed_out=handed_out, held_here=held_here, finished_in_window=finished_in_window)

    assert 0 <= asked <= MOST


@given(threads=st.integers(1, 64), share=st.floats(0.01, 1), providers=st.integers(1, 10))
def test_a_provider_gets_a_thread_and_never_all_of_a_shared_process(threads: int, share: float, providers: int) -> None:
    cap = thread_cap(threads=threads, share=share, providers=providers)

    assert 1 <= cap <= threads
    if providers > 1 and threads > 1:
        assert cap < threads


def test_the_pace_is_what_was_finished_in_this_window_or_the_last() -> None:
    pace = Throughput()
    pace.add(10.01, n=5)
    pace.add(10.05, n=5)
    assert pace.lately(10.09) == 10
    pace.add(10.11)
    assert pace.lately(10.12) == 10


def test_the_pace_of_a_queue_that_went_quiet_is_forgotten() -> None:
    pace = Throughput()
    pace.add(10.05, n=50)

    assert pace.lately(10.15) == 50
    assert pace.lately(10.25) == 0
