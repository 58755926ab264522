"""Starts and waits that are counted many at once are those that were noted."""

from hypothesis import given, settings
from hypothesis import strategies as st
from prometheus_client import CollectorRegistry

from middleware.metrics.instruments import WAITED_SECONDS, Instruments
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


def _values(registry: CollectorRegistry) -> dict[tuple[str, ...], float]:
    return {
        (sample.name, *sample.labels.values()): round(sample.value, 3)
        for family in registry.collect()
        for sample in family.samples
        if not sample.name.endswith("_created")
    }
