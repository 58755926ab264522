"""Group commit: everything becomes durable, whatever one outcome or the server does."""

import pytest
import redis

from broker.broker import LeewardBroker
from broker.session.committer import _is_refusal
from leeward.wire.keys import ProviderKeys
from tests.support.fleets.workers_under_test import actor_of, outcome, working
from tests.support.waiting import wait_until


@pytest.mark.parametrize("script", ["return redis.error_reply('ERR no')", "error('no')", "return redis.call('NOPE')"])
def test_a_script_that_failed_is_told_from_a_server_that_is_away(valkey: "redis.Redis", script: str) -> None:
    with pytest.raises(redis.RedisError) as refused:
        valkey.eval(script, 0)

    assert _is_refusal(refused.value)


def test_a_value_of_the_wrong_type_is_a_refusal(valkey: "redis.Redis") -> None:
    valkey.set("text", "1")
    with pytest.raises(redis.RedisError) as refused:
        valkey.eval("return redis.call('HGET', 'text', 'x')", 0)

    assert _is_refusal(refused.value)


@pytest.mark.parametrize("code", ["OOM", "LOADING", "READONLY", "MASTERDOWN", "MISCONF", "BUSY", "NOREPLICAS"])
def test_a_server_that_cannot_write_now_is_waited_for(valkey: "redis.Redis", code: str) -> None:
    with pytest.raises(redis.RedisError) as away:
        valkey.eval(f"return redis.error_reply('{code} not now')", 0)

    assert not _is_refusal(away.value)


def test_one_outcome_that_the_script_refuses_does_not_hold_the_others_up(
    broker: LeewardBroker, valkey: "redis.Redis"
) -> None:
    actor = actor_of(broker)(lambda: None, actor_name="act")
    refused = actor.send_with_options(idempotency_key="taken")
    valkey.delete(ProviderKeys("lab").key("taken"))
    valkey.set(ProviderKeys("lab").key("taken"), "something else uses this name")
    fine = [actor.send() for _ in range(20)]

    with working(broker):
        for message in fine:
            wait_until(lambda: outcome(valkey, "lab", message.message_id), description="the others' outcomes")  # noqa: B023 # called at once

    assert outcome(valkey, "lab", refused.message_id) is None
    assert valkey.zscore(ProviderKeys("lab").leases, refused.message_id) is not None, "its lease will run out"
