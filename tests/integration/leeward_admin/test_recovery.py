"""Recovery actions as people and scripts use them."""

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import redis
from click.testing import CliRunner

from console.cli.resilience.recovery import recovery
from leeward import SyncUser
from leeward.extension import Fallbacks, Transient
from leeward_admin import Admin, CircuitOpen, RecoveryOutcome, UnknownRecoveryAction
from leeward_admin.admin import opened
from tests.integration.broker.guards.guard_lab import GuardLab
from tests.support.waiting import wait_until
from workers.embedded import EmbeddedPostgres
from workers.settings.settings import Settings


@pytest.fixture
def environment(tmp_path: Path, valkey_url: str) -> dict[str, str]:
    file = tmp_path / "leeward.toml"
    file.write_text(f'[providers.http]\nroot = "{tmp_path}"\n')
    return {"LEEWARD_CONFIG": str(file), "LEEWARD_VALKEY_URL": valkey_url}


@pytest.fixture
def admin(environment: dict[str, str]) -> Iterator[Admin]:
    with opened(Settings.load(environment)) as admin:
        yield admin


def _away() -> str:
    raise Transient("no answer", unreachable=True)


def test_a_call_that_succeeds_is_answered_by_its_provider(admin: Admin) -> None:
    found = admin.recovery.call("media.lookup", "lab", lambda: "fresh", Fallbacks(default="none"))

    assert (found.answer, found.source, found.failure) == ("fresh", "primary", None)


def test_a_call_that_fails_is_answered_by_the_action_with_the_highest_priority(admin: Admin) -> None:
    later = SyncUser(user="alice", provider="lab")
    both = Fallbacks(cached=lambda: "old", default="none", later=later)
    nothing_cached = Fallbacks(cached=lambda: None, default="none")

    answers = [
        admin.recovery.call("media.lookup", "lab", _away, fallbacks)
        for fallbacks in (both, Fallbacks(default="none"), nothing_cached, Fallbacks(later=later))
    ]

    assert [one.source for one in answers] == ["serve-cached", "default-answer", "default-answer", "queue-for-later"]
    assert [one.answer for one in answers[:3]] == ["old", "none", "none"]
    assert admin.jobs.status(answers[3].answer.job_id).kind == SyncUser.kind
    wait_until(lambda: len(admin.recovery.history()) == 5, description="every attempt is on record")
    last, *_ = sorted(admin.recovery.history(action="serve-cached"), key=lambda one: one.at)
    assert (last.of, last.operation, last.outcome) == ("lab", "media.lookup", RecoveryOutcome.RECOVERED)


def test_where_nothing_can_answer_the_failure_is_the_answer(admin: Admin) -> None:
    with pytest.raises(Transient, match="no answer"):
        admin.recovery.call("media.lookup", "lab", _away, Fallbacks())


def test_an_open_circuit_is_not_waited_for(admin: Admin, valkey: redis.Redis) -> None:
    GuardLab(valkey, "lab").opened()

    found = admin.recovery.call("media.lookup", "lab", lambda: "fresh", Fallbacks(default="none"))

    assert (found.answer, found.source) == ("none", "default-answer")
    with pytest.raises(CircuitOpen):
        admin.recovery.call("media.lookup", "lab", lambda: "fresh", Fallbacks())


def test_calls_are_answered_while_valkey_is_away(tmp_path: Path) -> None:
    nowhere = Settings.load({"LEEWARD_VALKEY_URL": "redis://127.0.0.1:1/0", "LEEWARD_DATA_DIR": str(tmp_path)})

    with opened(nowhere) as admin:
        found = admin.recovery.call("media.lookup", "lab", _away, Fallbacks(default="none"))

    assert (found.answer, found.source) == ("none", "default-answer")


def test_the_database_is_reconnected_for_real(environment: dict[str, str], own_postgres: EmbeddedPostgres) -> None:
    with opened(Settings.load(environment | {"LEEWARD_DATABASE_URL": own_postgres.url})) as admin:
        before = admin.recovery.test("reconnect-database", by="ann")
        own_postgres.stop()
        away = admin.recovery.test("reconnect-database", by="ann")
        own_postgres.start()
        back = admin.recovery.test("reconnect-database", by="ann")

    outcomes = [one.outcome for one in (before, away, back)]
    assert outcomes == [RecoveryOutcome.RECOVERED, RecoveryOutcome.FAILED, RecoveryOutcome.RECOVERED]
    assert "refused" in away.detail
    assert away.took is not None
    assert away.took > timedelta(0)


def test_a_closed_circuit_needs_no_early_try(admin: Admin) -> None:
    trial = admin.recovery.test("try-circuit-early", of="http", by="ann")

    assert (trial.applies, trial.outcome) == (False, None)
    assert "its circuit is closed" in trial.detail


def test_an_open_circuit_is_tried_early_by_hand(admin: Admin, valkey: redis.Redis) -> None:
    GuardLab(valkey, "http").opened()

    trial = admin.recovery.test("try-circuit-early", of="http", by="ann")

    assert (trial.applies, trial.outcome) == (True, RecoveryOutcome.UNDER_WAY)
    assert valkey.hget("leeward:{http}:circuit", "state") == b"half_open"


def test_an_unknown_action_is_named_with_the_nearest(admin: Admin) -> None:
    with pytest.raises(UnknownRecoveryAction, match="did you mean serve-cached"):
        admin.recovery.test("serve-cache", by="ann")


def test_the_command_lists_the_actions_and_what_they_did(environment: dict[str, str], admin: Admin) -> None:
    admin.recovery.call("media.lookup", "lab", _away, Fallbacks(default="none"))
    wait_until(lambda: admin.recovery.history() != [], description="the attempt is on record")

    listed = json.loads(CliRunner().invoke(recovery, ["list", "--json"], env=environment).output)["actions"]
    history = json.loads(CliRunner().invoke(recovery, ["history", "--json"], env=environment).output)["attempts"]
    tried = CliRunner().invoke(recovery, ["test", "default-answer"], env=environment)

    assert [one["action"] for one in listed] == [
        "reconnect-database", "try-circuit-early", "serve-cached", "queue-for-later", "default-answer",
    ]  # fmt: skip
    assert {one["action"]: one["success_rate"] for one in listed}["default-answer"] == 1
    assert [(one["action"], one["outcome"]) for one in history] == [("default-answer", "recovered")]
    assert tried.exit_code == 0
    assert "It helped" in tried.output
