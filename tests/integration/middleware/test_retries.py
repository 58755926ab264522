"""A failure becomes the delivery's outcome: how often, and what it costs."""

from datetime import timedelta
from typing import Any

import dramatiq
import pytest
import redis

from broker.broker import LeewardBroker
from leeward.extension.errors import Ambiguous, AuthFailed, Busy, Permanent, RateLimited, TargetUnavailable, Transient
from leeward.extension.patience import Patience
from leeward.wire.keys import ProviderKeys
from middleware.actor_options import InvalidActorOption
from middleware.retries.presets import PRESETS, ActorPresets, Preset
from tests.support.fleets.workers_under_test import (
    AT_ONCE,
    actor_of,
    dead_letters,
    final_state,
    run_until_empty,
    working,
)
from tests.support.waiting import wait_until

SAID: dict[str, Any] = {"provider": "lab", "operation": "act"}


@pytest.mark.parametrize("preset", PRESETS)
def test_a_preset_holds_for_every_failure_of_a_job(broker: LeewardBroker, valkey: "redis.Redis", preset: str) -> None:
    runs: list[int] = []

    def fails() -> None:
        runs.append(1)
        raise Transient("try again", **SAID)

    actor_of(broker)(fails, retry_preset=preset, **AT_ONCE).send()

    run_until_empty(broker, "lab")

    assert len(runs) == PRESETS[preset].attempts
    (letter,) = dead_letters(valkey, "lab")
    assert letter["reason"] == "exhausted"


def test_the_preset_of_the_provider_decides_where_it_has_one(broker: LeewardBroker, valkey: "redis.Redis") -> None:
    runs: list[int] = []

    def fails() -> None:
        runs.append(1)
        raise Transient("try again", **SAID)

    twice = Preset(2, timedelta(0), timedelta(milliseconds=1))
    actor_of(broker)(fails, retry_preset=ActorPresets(PRESETS["aggressive"], {"lab": twice})).send()

    run_until_empty(broker, "lab")

    assert len(runs) == 2
    assert [letter["reason"] for letter in dead_letters(valkey, "lab")] == ["exhausted"]


def test_a_job_that_succeeds_at_last_is_done(broker: LeewardBroker, valkey: "redis.Redis") -> None:
    runs: list[int] = []

    def flaky() -> None:
        runs.append(1)
        if len(runs) < 3:
            raise Transient("not yet", **SAID)

    message = actor_of(broker)(flaky, **AT_ONCE).send()

    run_until_empty(broker, "lab")

    assert final_state(valkey, "lab", message.message_id) == "done"
    assert (len(runs), dead_letters(valkey, "lab")) == (3, [])


def test_a_permanent_error_is_dead_at_once_and_says_who_said_so(broker: LeewardBroker, valkey: "redis.Redis") -> None:
    def fails() -> None:
        raise Permanent("no such address", provider="smtp", operation="rcpt", status=550)

    actor_of(broker)(fails).send()

    run_until_empty(broker, "lab")

    (letter,) = dead_letters(valkey, "lab")
    assert (letter["reason"], letter["deliveries"]) == ("permanent", "1")
    error = letter["error"]
    assert (error["type"], error["provider"], error["operation"], error["status"]) == ("Permanent", "smtp", "rcpt", 550)


@pytest.mark.parametrize("kind", [RateLimited, AuthFailed])
def test_a_job_that_waits_for_its_provider_spends_no_attempt(
    broker: LeewardBroker, valkey: "redis.Redis", kind: type[RateLimited | AuthFailed]
) -> None:
    runs: list[int] = []

    def waits() -> None:
        runs.append(1)
        if len(runs) <= 7:
            raise kind("later", retry_after=timedelta(milliseconds=1), **SAID)

    message = actor_of(broker)(waits, max_retries=0).send()

    run_until_empty(broker, "lab")

    assert final_state(valkey, "lab", message.message_id) == "done"
    assert len(runs) == 8


def test_the_wait_is_as_long_as_the_provider_asked_for(broker: LeewardBroker, valkey: "redis.Redis") -> None:
    def limited() -> None:
        raise RateLimited("slow down", retry_after=timedelta(minutes=3), **SAID)

    message = actor_of(broker)(limited).send()
    keys = ProviderKeys("lab")

    with working(broker):
        due = wait_until(lambda: valkey.zscore(keys.scheduled, message.message_id), description="the deferral")

    seconds, micros = valkey.time()
    assert 170_000 < due - (seconds * 1_000 + micros / 1_000) <= 180_000


def test_a_target_that_is_unavailable_costs_the_jobs_own_attempts_only(
    broker: LeewardBroker, valkey: "redis.Redis"
) -> None:
    runs: list[int] = []

    def full() -> None:
        runs.append(1)
        raise TargetUnavailable("the mailbox is full", **SAID)

    actor_of(broker)(full, **AT_ONCE).send()

    run_until_empty(broker, "lab")

    (letter,) = dead_letters(valkey, "lab")
    assert (letter["reason"], letter["error"]["type"], len(runs)) == ("exhausted", "TargetUnavailable", 5)


def test_a_patient_job_spends_its_deadline_and_no_attempts(broker: LeewardBroker, valkey: "redis.Redis") -> None:
    runs: list[int] = []

    def greylisted() -> None:
        runs.append(1)
        if len(runs) <= 9:
            patience = Patience(timedelta(milliseconds=1), timedelta(milliseconds=8))
            raise TargetUnavailable("try later", patience=patience, **SAID)
        if len(runs) == 10:
            raise Transient("the first attempt that is spent", **SAID)

    message = actor_of(broker)(greylisted, max_retries=1, **AT_ONCE).send()

    run_until_empty(broker, "lab")

    assert final_state(valkey, "lab", message.message_id) == "done"
    assert len(runs) == 11


def test_patience_ends_with_the_deadline(broker: LeewardBroker, valkey: "redis.Redis") -> None:
    def full() -> None:
        hours = Patience(timedelta(hours=1), timedelta(hours=4))
        raise TargetUnavailable("the mailbox is full", patience=hours, **SAID)

    actor_of(broker)(full, budget=timedelta(minutes=50)).send()

    run_until_empty(broker, "lab")

    (letter,) = dead_letters(valkey, "lab")
    assert (letter["reason"], letter["error"]["type"]) == ("expired", "TargetUnavailable")


def test_a_wait_that_ends_after_the_deadline_is_not_waited_for(broker: LeewardBroker, valkey: "redis.Redis") -> None:
    def busy() -> None:
        raise Busy("somebody is at it", **SAID)

    actor_of(broker)(busy, budget=timedelta(seconds=1)).send()

    run_until_empty(broker, "lab")

    (letter,) = dead_letters(valkey, "lab")
    assert (letter["reason"], letter["error"]["type"]) == ("expired", "Busy")


def test_a_job_past_its_deadline_does_not_run(broker: LeewardBroker, valkey: "redis.Redis") -> None:
    runs: list[int] = []
    actor = actor_of(broker)(lambda: runs.append(1), actor_name="act")
    actor.send_with_options(deadline=1_000)

    run_until_empty(broker, "lab")

    (letter,) = dead_letters(valkey, "lab")
    assert (letter["reason"], runs) == ("expired", [])


def test_an_actor_may_say_when_to_try_again(broker: LeewardBroker, valkey: "redis.Redis") -> None:
    runs: list[int] = []

    def asks() -> None:
        runs.append(1)
        if len(runs) == 1:
            raise dramatiq.Retry("again", delay=1)

    message = actor_of(broker)(asks, min_backoff=60_000).send()

    run_until_empty(broker, "lab")

    assert final_state(valkey, "lab", message.message_id) == "done"


def test_what_an_actor_throws_by_contract_is_not_tried_again(broker: LeewardBroker, valkey: "redis.Redis") -> None:
    def throws() -> None:
        raise KeyError("as announced")

    actor_of(broker)(throws, throws=KeyError).send()

    run_until_empty(broker, "lab")

    (letter,) = dead_letters(valkey, "lab")
    assert letter["reason"] == "permanent"


def test_the_latest_errors_travel_with_the_job(broker: LeewardBroker, valkey: "redis.Redis") -> None:
    from dramatiq import Message

    def fails() -> None:
        raise Transient("the provider hiccuped", **SAID)

    actor_of(broker)(fails, retry_preset="aggressive", max_retries=12, **AT_ONCE).send()

    run_until_empty(broker, "lab")

    (letter,) = dead_letters(valkey, "lab")
    errors = Message.decode(letter["message"]).options["errors"]
    assert [error["delivery"] for error in errors] == list(range(4, 14))
    assert {error["message"] for error in errors} == {"the provider hiccuped"}
    assert {error["code"] for error in errors} == {letter["error"]["code"]} == {"LAB_UNAVAILABLE"}


@pytest.mark.parametrize("policy", ["rerun", "park"])
def test_an_ambiguous_answer_is_decided_by_the_actors_policy(
    broker: LeewardBroker, valkey: "redis.Redis", policy: str
) -> None:
    runs: list[int] = []

    def ambiguous() -> None:
        runs.append(1)
        raise Ambiguous("the answer was lost", **SAID)

    actor_of(broker)(ambiguous, unknown_outcome=policy, max_retries=1, **AT_ONCE).send()

    run_until_empty(broker, "lab")

    (letter,) = dead_letters(valkey, "lab")
    expected = ("unknown_outcome", 1) if policy == "park" else ("exhausted", 2)
    assert (letter["reason"], len(runs)) == expected


@pytest.mark.parametrize(
    "options",
    [
        {"retry_preset": "often"},
        {"max_retries": -7},
        {"max_retries": "x"},
        {"min_backoff": -5},
        {"unknown_outcome": "shrug"},
        {"unknown_outcome": "verify"},
        {"verify": print},
    ],
    ids=repr,
)
def test_options_that_make_no_schedule_are_refused_at_start_up(
    broker: LeewardBroker, options: dict[str, object]
) -> None:
    with pytest.raises(InvalidActorOption, match=r"^act: "):
        actor_of(broker)(lambda: None, actor_name="act", **options)

    assert "act" not in broker.get_declared_actors()
