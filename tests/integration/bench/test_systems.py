from collections.abc import Iterator

import pytest
import redis
from dramatiq import get_encoder, set_encoder

from bench.systems import LEEWARD, PLAIN, System, plain_with_prefetch
from broker.delivery.encoding import FastJSONEncoder


@pytest.fixture(autouse=True)
def _encoder_as_before() -> Iterator[None]:
    before = get_encoder()
    yield
    set_encoder(before)


@pytest.mark.parametrize("system", [PLAIN, LEEWARD], ids=lambda system: system.name)
def test_jobs_count_as_unfinished_whether_they_are_due_or_delayed(
    system: System, valkey: "redis.Redis", valkey_url: str
) -> None:
    actor = system.producer(valkey_url, ["bench"]).get_actor("no_op")

    actor.send(1)
    actor.send_with_options(args=(2,), delay=60_000)

    assert system.count_unfinished(valkey, "bench") == 2


def test_each_system_writes_messages_with_its_own_encoder(valkey_url: str) -> None:
    LEEWARD.producer(valkey_url, ["bench"])
    assert isinstance(get_encoder(), FastJSONEncoder)

    PLAIN.producer(valkey_url, ["bench"])
    assert not isinstance(get_encoder(), FastJSONEncoder)


def test_plain_dramatiq_is_tuned_by_its_own_setting_and_nothing_else() -> None:
    tuned = plain_with_prefetch(256)

    assert dict(tuned.env) == {"dramatiq_queue_prefetch": "256"}
    assert tuned.worker_module == PLAIN.worker_module
    assert dict(PLAIN.env) == {}
