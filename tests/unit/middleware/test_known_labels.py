"""Every counter whose labels are known is there, at zero, before the first event."""

import re
from pathlib import Path

import dramatiq
from hypothesis import given, settings
from hypothesis import strategies as st
from prometheus_client import CollectorRegistry, generate_latest

from broker.broker import LeewardBroker
from broker.events import PermitsOverrun
from leeward.jobs.dead_reason import DeadReason
from middleware.metrics.instruments import Instruments
from middleware.metrics.known_labels import OUTCOMES, WHYS, begin_at_zero
from middleware.metrics.middleware import Metrics
from tests.support.examples import examples

ROOT = Path(__file__).resolve().parents[3]
NAMES = st.from_regex(r"[a-z]{1,8}", fullmatch=True)


@settings(max_examples=examples(25))
@given(st.sets(st.tuples(NAMES, NAMES), max_size=5))
def test_all_that_can_be_known_is_there_and_nothing_has_happened(actors: set[tuple[str, str]]) -> None:
    registry = CollectorRegistry()
    begin_at_zero(Instruments(registry), actors)
    found = {
        (sample.name, *sample.labels.values())
        for family in registry.collect()
        for sample in family.samples
        if sample.value == 0
    }

    for queue, actor in actors:
        labels = (queue, queue, actor)  # of such names, a provider's only queue has its name
        assert {("leeward_deliveries_total", *labels, outcome) for outcome in OUTCOMES} <= found
        assert {("leeward_dead_letters_total", *labels, reason.value) for reason in DeadReason} <= found
        assert {("leeward_turned_away_total", queue, queue, why) for why in WHYS} <= found
        assert {("leeward_throttled_seconds_total", queue, queue, why) for why in WHYS} <= found
        assert ("leeward_job_seconds_count", *labels) in found
        assert ("leeward_enqueued_total", *labels) in found
        assert {(f"leeward_{name}_total", queue, queue) for name in ("leases_lost", "broker_away")} <= found
        assert {(f"leeward_{name}_total", queue) for name in ("settled_late", "leases_reclaimed")} <= found
        assert {(f"leeward_permits_overrun{name}_total", queue) for name in ("", "_seconds")} <= found


def test_the_reasons_are_those_that_the_script_gives() -> None:
    head = (ROOT / "broker" / "scripts" / "admit.lua").read_text().partition("-- include:")[0]
    listed = re.search(r"why fewer than asked for \((.*?)\)", head, re.DOTALL)

    assert listed
    assert set(re.findall(r"'(\w+)'", listed[1])) - {"empty", "paused"} == set(WHYS)


def test_the_document_lists_the_same_reasons() -> None:
    told = re.search(r"^`why` is (.*?)\n\n", (ROOT / "docs" / "guards.md").read_text(), re.DOTALL | re.MULTILINE)

    assert told
    assert set(re.findall(r"`(\w+)`", told[1])) == set(WHYS)


def test_the_help_of_deliveries_names_every_outcome() -> None:
    assert set(OUTCOMES) <= set(re.findall(r"\w+", Instruments(CollectorRegistry()).deliveries._documentation))


def _nothing() -> None:
    pass


def test_a_worker_begins_with_the_actors_of_its_queues() -> None:
    broker, registry = LeewardBroker(middleware=[]), CollectorRegistry()
    for queue, actor in (("sync.a", "one"), ("sync.b", "two")):
        dramatiq.actor(broker=broker, queue_name=queue, actor_name=actor)(_nothing)
    Metrics(registry).before_worker_boot(broker, dramatiq.Worker(broker, queues={"sync.a"}))
    said = generate_latest(registry).decode()

    assert 'leeward_deliveries_total{actor="one",outcome="done",provider="a",queue="sync.a"} 0.0' in said
    assert "sync.b" not in said


def test_calls_without_a_lease_are_counted_and_timed() -> None:
    broker, registry = LeewardBroker(middleware=[]), CollectorRegistry()
    dramatiq.actor(broker=broker, queue_name="sync.a", actor_name="one")(_nothing)
    Metrics(registry).before_worker_boot(broker, dramatiq.Worker(broker))

    broker.events.emit(PermitsOverrun("a", 2, 3.5))
    broker.events.emit(PermitsOverrun("a", 1, 0.5))

    assert registry.get_sample_value("leeward_permits_overrun_total", {"provider": "a"}) == 3
    assert registry.get_sample_value("leeward_permits_overrun_seconds_total", {"provider": "a"}) == 4.0
