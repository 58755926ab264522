"""The cascade risk is what its formula says."""

from datetime import timedelta

import pytest

from broker.fleet.health.machines import ComponentState
from leeward_admin import RiskLevel
from leeward_admin.dependencies.risk import Part, risk_of
from workers.dependencies.graph import Graph, Node

HEALTHY, UNHEALTHY = ComponentState.HEALTHY, ComponentState.UNHEALTHY
GRAPH = Graph(
    [
        Node(name="media", depends_on=frozenset({"sso"})),
        Node(name="requests", depends_on=frozenset({"sso"})),
        Node(name="mail"),
        Node(name="sso", depends_on=frozenset({"ldap"})),
        Node(name="ldap"),
    ]
)


def provider(name: str, criticality: str, waiting: int = 0, arrivals: float = 0.0, room: int | None = None) -> Part:
    return Part(
        name=name,
        type="provider",
        criticality=criticality,
        state=HEALTHY,
        waiting=waiting,
        arrivals=arrivals,
        room=room,
    )


def parts(*providers: Part, sso: ComponentState = HEALTHY) -> dict[str, Part]:
    others = [
        Part(name="sso", type="external-api", criticality="important", state=sso),
        Part(name="ldap", type="database", criticality="optional", state=HEALTHY),
    ]
    return {one.name: one for one in (*providers, *others)}


BUSY = parts(
    provider("media", "critical", 60, 20.0, 100), provider("requests", "optional"), provider("mail", "important", 20)
)


def test_the_providers_and_jobs_that_would_stop_make_the_impact() -> None:
    found = risk_of("ldap", BUSY, GRAPH)

    assert [one.name for one in found.affected] == ["media", "sso", "requests"]
    assert (found.severity, found.breadth, found.flow) == (1.0, 0.7, 0.8)
    assert (found.impact, found.risk, found.level) == (75, 8, RiskLevel.LOW)
    assert (found.providers, found.waiting, found.arrivals_per_minute) == (2, 60, 20.0)
    assert found.affected[0].path == ("ldap", "sso", "media")
    assert found.affected[0].full_in == timedelta(minutes=5)


def test_without_any_job_the_providers_alone_count() -> None:
    idle = parts(provider("media", "critical"), provider("requests", "optional"), provider("mail", "important"))

    found = risk_of("sso", idle, GRAPH)

    assert (found.flow, found.impact) == (None, 70)


@pytest.mark.parametrize(
    ("state", "risk", "level"),
    [
        (ComponentState.HEALTHY, 8, "low"),
        (ComponentState.UNKNOWN, 22, "medium"),
        (ComponentState.DEGRADED, 45, "high"),
        (ComponentState.UNHEALTHY, 75, "critical"),
    ],
)
def test_the_state_is_how_likely_it_is(state: ComponentState, risk: int, level: str) -> None:
    providers = [one for one in BUSY.values() if one.is_provider]

    found = risk_of("sso", parts(*providers, sso=state), GRAPH)

    assert (found.risk, found.level.value) == (risk, level)


def test_reckoned_as_away_it_is_certain() -> None:
    assert risk_of("ldap", BUSY, GRAPH, away=True).risk == 75


def test_a_provider_stops_itself_and_a_leaf_nothing() -> None:
    assert [one.name for one in risk_of("mail", BUSY, GRAPH).affected] == ["mail"]
    alone = {**BUSY, "dns": Part(name="dns", type="other", criticality="critical", state=UNHEALTHY)}
    assert risk_of("dns", alone, GRAPH).risk == 0
