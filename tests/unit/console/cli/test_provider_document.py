"""The document that `leeward provider show --json` prints can be written, whatever the guards know."""

import json
from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from broker.guards.actor_config import ActorGuards
from broker.guards.config import GuardConfig, Mode
from broker.guards.store import ActorState, GuardState
from console.cli.providers.views import document_of, summary_of, written

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)
STATE = GuardState(
    provider="jellyfin",
    config=GuardConfig(limit=10),
    overrides={"limit": "10"},
    mode=Mode.AUTO,
    state="open",
    until=AT,
    mode_until=AT,
    cause="5 calls in a row failed",
    since=AT,
    held_until=AT,
    held_because="answered 429",
    limit=10,
    limit_because="it has just begun",
    in_use=1,
    probes=1,
    sick={"host-1": AT},
    actors={"sync.jellyfin": ActorState(ActorGuards(limit=5, slow=timedelta(seconds=20)), in_use=1, token_at=AT)},
    awaiting_look=frozenset({"job-2", "job-1"}),
    denied=frozenset({"job-4", "job-3"}),
    denied_because="401",
    probed=frozenset({"job-6", "job-5"}),
)


def test_every_field_of_the_guards_is_in_thedocument_of() -> None:
    document = json.loads(json.dumps(document_of(STATE)))

    assert set(document) == {field.name for field in fields(GuardState)}
    assert document["until"] == AT.isoformat()
    assert document["sick"] == {"host-1": AT.isoformat()}
    assert document["actors"]["sync.jellyfin"]["slow"] == 20.0


@pytest.mark.parametrize("name", ["awaiting_look", "denied", "probed"])
def test_jobs_are_listed_in_the_same_order_every_time(name: str) -> None:
    many: dict[str, Any] = {name: frozenset(map(str, range(9, 0, -1)))}
    document = json.loads(json.dumps(document_of(replace(STATE, **many))))

    assert document[name] == [str(number) for number in range(1, 10)]


def test_settings_are_shown_as_they_are_written_in_the_file() -> None:
    values = (True, 0.0, 0.75, 10, timedelta(minutes=10), timedelta(milliseconds=1500))

    assert [written(value) for value in values] == ["true", "0", "0.75", 10, "10m", "1s500ms"]


def test_a_provider_with_which_nothing_is_the_matter_is_summed_up_without_a_reason() -> None:
    well = replace(STATE, state="closed", cause="", held_until=None, held_because="")

    assert summary_of(well) == "jellyfin is working."
    assert summary_of(replace(well, cause="it is back")) == "jellyfin is working: it is back."
