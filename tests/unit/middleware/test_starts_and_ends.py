"""Starts, ends and their seconds that are counted many at once are those that were noted."""

from hypothesis import given, settings
from hypothesis import strategies as st
from prometheus_client import CollectorRegistry

from middleware.metrics.ends import Ends
from middleware.metrics.instruments import JOB_SECONDS, WAITED_SECONDS, Instruments
from middleware.metrics.starts import Starts
from tests.support.examples import examples

WAITS = st.none() | st.integers(0, 10**9) | st.sampled_from([round(bound * 1000) for bound in WAITED_SECONDS])


@settings(max_examples=examples(50))
@given(st.lists(st.tuples(st.sampled_from(["sync.a", "mail.a"]), WAITS)))
def test_all_that_was_noted_is_counted_as_if_one_by_one(noted: list[tuple[str, int | None]]) -> None:
    at_once, one_by_one = CollectorRegistry(), CollectorRegistry()
    starts, plain = Starts(Instruments(at_once)), Instruments(one_by_one)
    for queue, waited_ms in noted:
        starts.note((queue, waited_ms))
        plain.started.labels("a", queue).inc()
        if waited_ms is not None:
            plain.waited_seconds.labels("a", queue).observe(waited_ms / 1000)

    starts.count()
    starts.count()

    assert _values(at_once) == _values(one_by_one)


ENDS = st.tuples(
    st.sampled_from(["sync.a", "mail.a"]),
    st.sampled_from(["x.one", "x.two"]),
    st.sampled_from(["done", "retry"]),
    st.none() | st.floats(0, 10**5) | st.sampled_from(JOB_SECONDS),
)


@settings(max_examples=examples(50))
@given(st.lists(ENDS))
def test_all_that_ended_is_counted_as_if_one_by_one(noted: list[tuple[str, str, str, float | None]]) -> None:
    at_once, one_by_one = CollectorRegistry(), CollectorRegistry()
    ends, plain = Ends(Instruments(at_once)), Instruments(one_by_one)
    for queue, actor, outcome, seconds in noted:
        ends.note((queue, actor, outcome, seconds))
        plain.deliveries.labels("a", queue, actor, outcome).inc()
        if seconds is not None:
            plain.job_seconds.labels("a", queue, actor).observe(seconds)

    ends.count()
    ends.count()

    assert _values(at_once) == _values(one_by_one)


def _values(registry: CollectorRegistry) -> dict[tuple[str, ...], float]:
    return {
        (sample.name, *sample.labels.values()): round(sample.value, 3)
        for family in registry.collect()
        for sample in family.samples
        if not sample.name.endswith("_created")
    }
