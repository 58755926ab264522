"""Which benchmark a command line means."""

import pytest

from bench.catalogue import BENCHMARKS, GUARDED, named


def test_throughput_with_all_guards_is_the_benchmark_guards() -> None:
    assert named("throughput", "all") == named("guards", None) == named("guards", "all") == "guards"
    assert named("throughput", None) == "throughput"
    assert set(GUARDED) | set(GUARDED.values()) <= BENCHMARKS.keys()


def test_a_benchmark_without_that_choice_refuses_it() -> None:
    with pytest.raises(ValueError, match="--guards goes with throughput; crash says by itself"):
        named("crash", "all")
