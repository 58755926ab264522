"""People look at an actor's own numbers, change them for the whole fleet, and learn what they hold back."""

import json
from datetime import timedelta
from typing import Any

import pytest
import redis
from click.testing import CliRunner

from broker.guards.actor_config import ActorGuards
from broker.guards.config import GuardConfig, ImpossibleGuard
from broker.guards.store import Guards
from console.cli.jobs.job import job
from console.cli.providers.provider import provider
from leeward import Leeward, SyncUser
from leeward_admin.providers.providers import Providers, UnknownActor
from tests.integration.broker.lab import Lab

QUEUE = "sync.jellyfin"


@pytest.fixture
def jobs(valkey_url: str, valkey: "redis.Redis", monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Three accounts to sync, by job id; the command line is on the same Valkey."""
    monkeypatch.setenv("LEEWARD_VALKEY_URL", valkey_url)
    Guards(valkey, "jellyfin").declare(GuardConfig(limit=10), {QUEUE: ActorGuards(limit=5)})
    with Leeward(valkey_url) as fleet:
        return [fleet.enqueue(SyncUser(user=name)).job_id for name in ("ann", "bob", "cleo")]


def leeward(command: Any, *arguments: str) -> Any:
    result = CliRunner().invoke(command, [*arguments, "--json"], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return json.loads(result.output)


def lease(valkey: "redis.Redis", n: int) -> None:
    """As a worker would, on the server's own clock."""
    lab = Lab(valkey, "jellyfin")
    seconds, _ = valkey.time()
    lab.now = seconds * 1000
    assert len(lab.admit(n, queue=QUEUE).ids) == n


@pytest.mark.usefixtures("jobs")
def test_an_operators_change_is_in_force_shown_audited_and_given_back(valkey: "redis.Redis") -> None:
    leeward(provider, "set", "jellyfin", "--actor", "sync.user", "limit=3", "slow=20s")

    shown = leeward(provider, "show", "jellyfin")
    assert shown["actors"][QUEUE] == {
        "actor": "sync.user",
        "limit": 3,
        "rate": 0.0,
        "burst": 1,
        "slow": 20.0,
        "observe": False,
        "in_use": 0,
        "token_at": None,
    }
    assert shown["config"]["limit"] == 10
    (event,) = shown["events"]
    assert (event["event"], event["cause"]) == ("set", "sync.user: limit=3, slow=0:00:20")
    text = CliRunner().invoke(provider, ["show", "jellyfin"]).output
    assert "sync.user\tsync.jellyfin\t0\t3\tnone\t1\t20s\t" in text
    assert "Set by operators: limit of sync.jellyfin, slow_ms of sync.jellyfin." in text

    leeward(provider, "reset", "jellyfin", "slow", "--actor", "sync.user")
    assert Guards(valkey, "jellyfin").state().actors[QUEUE].guards == ActorGuards(limit=3)
    leeward(provider, "reset", "jellyfin")
    assert Guards(valkey, "jellyfin").state().actors[QUEUE].guards == ActorGuards(limit=5)
    assert dict(Guards(valkey, "jellyfin").state().overrides) == {}


def test_a_job_says_that_its_actors_limit_holds_it(jobs: list[str], valkey: "redis.Redis") -> None:
    leeward(provider, "set", "jellyfin", "--actor", "sync.user", "limit=1")
    # No worker runs here.
    assert [reason["guard"] for reason in leeward(job, "why", jobs[2])["reasons"]] == ["no_worker", "turn"]
    lease(valkey, 1)

    first = leeward(job, "why", jobs[2])["reasons"][0]

    assert first["guard"] == "bulkhead"
    assert first["text"] == "1 of 1 permits of sync.user are in use, its own limit at jellyfin"


def test_a_job_says_that_its_actors_rate_holds_it_and_until_when(jobs: list[str], valkey: "redis.Redis") -> None:
    leeward(provider, "set", "jellyfin", "--actor", "sync.user", "rate=0.001")
    lease(valkey, 1)

    first = leeward(job, "why", jobs[2])["reasons"][0]

    assert first["guard"] == "rate"
    assert first["text"].startswith("0.001 jobs of sync.user may start per second")
    (at,) = (one.token_at for one in Guards(valkey, "jellyfin").state().actors.values())
    assert at is not None
    assert first["until"] == at.isoformat()


@pytest.mark.usefixtures("jobs")
def test_what_cannot_be_is_refused_and_changes_nothing(valkey: "redis.Redis") -> None:
    providers = Providers(valkey)
    with pytest.raises(UnknownActor, match="did you mean sync"):
        providers.set("jellyfin", "ann", {"limit": "3"}, actor="sync.usr")
    with pytest.raises(UnknownActor, match=r"no jobs of an actor email\.send wait at jellyfin"):
        providers.set("jellyfin", "ann", {"limit": "3"}, actor="email.send")
    with pytest.raises(UnknownActor, match=r"no jobs of an actor probe\.jellyfin wait at jellyfin"):
        providers.reset("jellyfin", "ann", actor="probe.jellyfin")
    with pytest.raises(ImpossibleGuard, match="did you mean limit"):
        providers.set("jellyfin", "ann", {"limt": "3"}, actor="sync.user")
    with pytest.raises(ImpossibleGuard, match="did you mean limit"):
        providers.reset("jellyfin", "ann", "limt", actor="sync.user")
    with pytest.raises(ImpossibleGuard, match="slow is 20, which is not a valid duration"):
        providers.set("jellyfin", "ann", {"slow": "20"}, actor="sync.user")

    assert providers.state("jellyfin").actors[QUEUE].guards == ActorGuards(limit=5)
    assert providers.transitions("jellyfin", 10) == []


def test_a_number_set_before_any_worker_declared_holds_at_once(valkey: "redis.Redis") -> None:
    lab = Lab(valkey)
    Guards(valkey, "lab").set_actor("ann", "act", "lab", limit=1, slow=timedelta(seconds=9))
    lab.enqueue("a", "b")

    assert (lab.admit(2).ids, lab.admit(1).why) == (["a"], "actor_full")
