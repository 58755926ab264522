import pytest

from bench.guards.site.load import Load, Phase, load, settled_seconds
from bench.guards.site.site import Visit

MS, SECOND = 1_000_000, 1_000_000_000


def visit(ended_ms: int, *, took_ms: int = 100, ok: bool = True) -> Visit:
    return Visit(1, 1, 100, (ended_ms - took_ms) * MS, ended_ms * MS, ok)


def test_a_load_counts_what_ended_in_its_phase() -> None:
    visits = [visit(999), *(visit(1_000 + 10 * number) for number in range(40)), visit(3_000)]

    assert load(visits, Phase(SECOND, 3 * SECOND)) == Load(goodput=20, p50_ms=100, p99_ms=100, failures=0)


def test_refusals_and_answers_that_come_too_late_are_failures_and_the_late_ones_count_as_latency() -> None:
    visits = [visit(1_500, ok=False, took_ms=50), visit(1_500, took_ms=2_500), visit(1_500)]

    assert load(visits, Phase(SECOND, 2 * SECOND)) == Load(goodput=1, p50_ms=100, p99_ms=2_500, failures=2)


def test_a_provider_that_answered_nothing_has_no_latency() -> None:
    assert load([], Phase(0, SECOND)) == Load(goodput=0, p50_ms=None, p99_ms=None, failures=0)


@pytest.mark.parametrize(("slow_until_ms", "settled"), [(0, 0.0), (1_100, 0.5), (60_000, None)])
def test_it_is_settled_when_two_seconds_are_as_good_as_they_should_be(
    slow_until_ms: float, settled: float | None
) -> None:
    ends = range(0, 10_000, 20)
    visits = [visit(at, took_ms=800 if at < slow_until_ms else 100) for at in ends]

    assert settled_seconds(visits, Phase(0, 10 * SECOND), goodput=40, p50_ms=250) == settled
