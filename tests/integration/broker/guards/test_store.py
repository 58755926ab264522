"""Reading and steering from Python, as the command line and the health probes do."""

from datetime import UTC, datetime, timedelta

import pytest
import redis

from broker.guards.config import GuardConfig, ImpossibleGuard, Mode
from broker.guards.store import Guards
from tests.integration.broker.lab import Lab


@pytest.fixture
def guards(valkey: "redis.Redis") -> Guards:
    return Guards(valkey, "lab")


def test_a_provider_that_nobody_declared_is_closed_and_has_the_defaults(guards: Guards) -> None:
    state = guards.state()

    assert state.config == GuardConfig()
    assert (state.mode, state.state, state.in_use, dict(state.overrides)) == (Mode.AUTO, "closed", 0, {})


def test_what_is_declared_is_in_force(guards: Guards) -> None:
    config = GuardConfig(limit=3, rate=2.5, hold=False, open_for=timedelta(seconds=7))

    guards.declare(config)

    assert guards.config() == config


def test_what_an_operator_has_set_outlasts_the_next_declaration(guards: Guards) -> None:
    guards.declare(GuardConfig(limit=3))

    guards.set("ann", limit=8, open_for=timedelta(seconds=9))
    guards.declare(GuardConfig(limit=4, rate=1))

    assert guards.config() == GuardConfig(limit=8, rate=1, open_for=timedelta(seconds=9))
    assert dict(guards.state().overrides) == {"limit": "8", "open_ms": "9000"}


@pytest.mark.parametrize("names", [(), ("limit",)])
def test_reset_brings_back_at_once_what_workers_declare(guards: Guards, names: tuple[str, ...]) -> None:
    guards.declare(GuardConfig(limit=3))
    guards.set("ann", limit=8)
    guards.declare(GuardConfig(limit=4))

    guards.reset("ann", *names)

    assert guards.config() == GuardConfig(limit=4)
    assert dict(guards.state().overrides) == {}


def test_an_adaptive_limit_says_what_is_in_force_and_why(guards: Guards) -> None:
    guards.declare(GuardConfig(limit=50))
    assert (guards.state().limit, guards.state().limit_because) == (50, "")

    guards.set("ann", adaptive=True, floor=4)

    assert (guards.state().limit, guards.state().limit_because) == (4, "it has just begun")


def test_an_adaptive_limit_without_a_ceiling_is_refused_and_changes_nothing(guards: Guards) -> None:
    with pytest.raises(ImpossibleGuard, match="needs a limit"):
        guards.set("ann", adaptive=True)

    assert guards.config() == GuardConfig()


def test_a_limit_of_none_set_before_workers_declare_an_adaptive_one_stays_readable(guards: Guards) -> None:
    guards.set("ann", limit=0)
    guards.declare(GuardConfig(limit=50, adaptive=True, floor=4))

    assert guards.config() == GuardConfig(limit=0, floor=4)
    assert guards.state().limit == 0


def test_a_number_set_before_any_worker_declared_guards_at_once(guards: Guards, lab: Lab) -> None:
    guards.set("ann", limit=1)
    lab.enqueue("a", "b")

    assert lab.admit(2).ids == ["a"]
    assert guards.config() == GuardConfig(limit=1)
    guards.reset("ann")
    assert lab.admit(2).ids == ["b"]


def test_workers_of_an_older_release_that_declare_less_break_nothing(guards: Guards, lab: Lab) -> None:
    lab.client.hset(lab.keys.guards, mapping={"limit": 1, "rate": 0})
    lab.enqueue("a", "b")

    (job,) = lab.admit(2).jobs
    lab.settle(job, "later", delay_ms=1, call="failed", ms=3, outage=True, attempts=1)

    assert guards.config() == GuardConfig(limit=1)


@pytest.mark.parametrize("wrong", [{"limit": -1}, {"limt": 3}, {"open_for": timedelta(hours=1)}])
def test_an_impossible_change_changes_nothing(guards: Guards, wrong: dict[str, object]) -> None:
    guards.declare(GuardConfig(limit=3))

    with pytest.raises(ValueError):  # each has a text of its own, tested with GuardConfig
        guards.set("ann", **wrong)
    with pytest.raises(ValueError, match="did you mean limit"):
        guards.reset("ann", "limt")

    assert guards.config() == GuardConfig(limit=3)
    assert guards.transitions() == []


def test_every_change_says_when_why_and_by_whom_newest_first(guards: Guards) -> None:
    before = datetime.now(UTC) - timedelta(seconds=5)
    guards.declare(GuardConfig())
    guards.set("ann", limit=8)
    guards.mode(Mode.FORCED_OPEN, "bob", "moving the server", until=datetime.now(UTC) + timedelta(hours=1))
    guards.mode(Mode.AUTO, "ann", "moved")

    told = guards.transitions()

    assert [(one.event, one.cause, one.by) for one in told] == [
        ("auto", "moved", "ann"),
        ("forced_open", "moving the server", "bob"),
        ("set", "limit=8", "ann"),
    ]
    assert all(before < one.at <= datetime.now(UTC) + timedelta(seconds=5) for one in told)
    assert len(guards.transitions(1)) == 1


def test_a_mode_has_an_end_when_it_is_given_one(guards: Guards) -> None:
    until = datetime.now(UTC).replace(microsecond=0) + timedelta(hours=1)

    guards.mode(Mode.FORCED_OPEN, "bob", "maintenance", until=until)
    assert guards.state().mode_until == until
    guards.mode(Mode.FORCED_OPEN, "bob", "longer than we thought")

    assert guards.state().mode_until is None
    assert (guards.state().mode, guards.state().cause) == (Mode.FORCED_OPEN, "longer than we thought")
