"""A delivery that died after its effect began: park, verify or rerun, as the actor says."""

from collections.abc import Callable

import pytest
import redis

from broker.broker import LeewardBroker
from leeward.extension import begin_effect
from leeward.extension.errors import Ambiguous
from leeward.wire.entry import entry_of, submit
from leeward.wire.keys import ProviderKeys
from middleware.idempotency import middleware
from tests.integration.broker.lab import Lab
from tests.support.fleets.workers_under_test import AT_ONCE, actor_of, dead_letters, final_state, run_until_empty

KEYS = ProviderKeys("lab")


class Effects:
    def __init__(self) -> None:
        self.runs = 0
        self.verified = 0


@pytest.fixture
def effects() -> Effects:
    return Effects()


def declare(
    broker: LeewardBroker, effects: Effects, *, verify: Callable[[], bool] | None = None, **options: object
) -> None:
    def act() -> None:
        begin_effect()
        effects.runs += 1

    def asked() -> bool:
        effects.verified += 1
        assert verify is not None
        return verify()

    extra = {"verify": asked} if verify else {}
    actor_of(broker)(act, actor_name="act", **extra, **options)


def crashed_job(broker: LeewardBroker, valkey: "redis.Redis", *, after_the_mark: bool) -> str:
    """A job whose worker stopped while it ran. Its lease has expired, so it waits apart, as a suspect."""
    message = broker.get_actor("act").message()
    submit(valkey, "lab", [entry_of(message)])
    lab = Lab(valkey)
    lab.now = valkey.time()[0] * 1_000
    (job,) = lab.admit(worker="gone:1").jobs
    if after_the_mark:
        assert lab.begin(job)
    lab.expire_leases()
    lab.admit(queue="elsewhere")
    valkey.delete(KEYS.seen)
    assert lab.places_of(message.message_id) == ["suspects:lab"]
    return message.message_id


@pytest.mark.parametrize("policy", ["park", "rerun", "verify"])
def test_a_crash_before_the_mark_is_run_again_whatever_the_policy(
    broker: LeewardBroker, valkey: "redis.Redis", effects: Effects, policy: str
) -> None:
    verify = (lambda: True) if policy == "verify" else None
    declare(broker, effects, unknown_outcome=policy, verify=verify)
    job = crashed_job(broker, valkey, after_the_mark=False)

    run_until_empty(broker, "lab")

    assert final_state(valkey, "lab", job) == "done"
    assert (effects.runs, effects.verified) == (1, 0)


def test_park_makes_it_a_dead_letter_for_a_person(
    broker: LeewardBroker, valkey: "redis.Redis", effects: Effects
) -> None:
    declare(broker, effects, unknown_outcome="park")
    crashed_job(broker, valkey, after_the_mark=True)

    run_until_empty(broker, "lab")

    (letter,) = dead_letters(valkey, "lab")
    assert (letter["reason"], letter["deliveries"], effects.runs) == ("unknown_outcome", "2", 0)
    assert "delivery 1 began its effect" in letter["error"]["message"]


def test_rerun_runs_it_again(broker: LeewardBroker, valkey: "redis.Redis", effects: Effects) -> None:
    declare(broker, effects, unknown_outcome="rerun")
    job = crashed_job(broker, valkey, after_the_mark=True)

    run_until_empty(broker, "lab")

    assert final_state(valkey, "lab", job) == "done"
    assert effects.runs == 1


def test_verify_ends_a_job_whose_effect_had_happened(
    broker: LeewardBroker, valkey: "redis.Redis", effects: Effects
) -> None:
    declare(broker, effects, unknown_outcome="verify", verify=lambda: True)
    job = crashed_job(broker, valkey, after_the_mark=True)

    run_until_empty(broker, "lab")

    assert final_state(valkey, "lab", job) == "done"
    assert (effects.runs, effects.verified) == (0, 1)


def test_verify_runs_a_job_whose_effect_had_not_happened(
    broker: LeewardBroker, valkey: "redis.Redis", effects: Effects
) -> None:
    declare(broker, effects, unknown_outcome="verify", verify=lambda: False)
    job = crashed_job(broker, valkey, after_the_mark=True)

    run_until_empty(broker, "lab")

    assert final_state(valkey, "lab", job) == "done"
    assert (effects.runs, effects.verified) == (1, 1)


def test_a_verification_that_fails_is_made_again_and_the_job_never_runs_on_a_guess(
    broker: LeewardBroker, valkey: "redis.Redis", effects: Effects, monkeypatch: pytest.MonkeyPatch
) -> None:
    from datetime import timedelta

    monkeypatch.setattr(middleware, "VERIFY_AGAIN_AFTER", timedelta(milliseconds=1))

    def unreachable_twice() -> bool:
        if effects.verified <= 2:
            raise ConnectionError("the provider is away")
        return True

    declare(broker, effects, unknown_outcome="verify", verify=unreachable_twice, max_retries=0)
    job = crashed_job(broker, valkey, after_the_mark=True)

    run_until_empty(broker, "lab")

    assert final_state(valkey, "lab", job) == "done"
    assert (effects.runs, effects.verified) == (0, 3)


def test_an_ambiguous_answer_is_verified_before_the_retry(
    broker: LeewardBroker, valkey: "redis.Redis", effects: Effects
) -> None:
    def act() -> None:
        effects.runs += 1
        raise Ambiguous("the answer was lost", provider="lab", operation="act")

    def verify() -> bool:
        effects.verified += 1
        return True

    actor = actor_of(broker)(act, unknown_outcome="verify", verify=verify, **AT_ONCE)
    message = actor.send()

    run_until_empty(broker, "lab")

    assert final_state(valkey, "lab", message.message_id) == "done"
    assert (effects.runs, effects.verified) == (1, 1)


def test_a_failure_after_the_mark_that_says_nothing_of_the_effect_is_unknown(
    broker: LeewardBroker, valkey: "redis.Redis", effects: Effects
) -> None:
    def act() -> None:
        begin_effect()
        effects.runs += 1
        raise RuntimeError("our own bug, somewhere after the effect began")

    actor_of(broker)(act, unknown_outcome="park").send()

    run_until_empty(broker, "lab")

    (letter,) = dead_letters(valkey, "lab")
    assert (letter["reason"], effects.runs) == ("unknown_outcome", 1)


def test_a_mark_that_cannot_be_made_durable_stops_the_effect(
    broker: LeewardBroker, valkey: "redis.Redis", effects: Effects
) -> None:
    """Another worker has the job: its lease is gone when the effect is about to begin."""

    def act() -> None:
        valkey.zrem(KEYS.leases, message.message_id)
        begin_effect()
        effects.runs += 1

    actor = actor_of(broker)(act)
    message = actor.send()

    run_until_empty(broker, "lab")

    assert effects.runs == 0
