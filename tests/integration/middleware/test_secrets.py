"""What a provider echoes of a job's secrets is taken out wherever a failure is kept."""

from datetime import timedelta
from typing import Any

import pytest
import redis
from dramatiq import Message

from broker.broker import LeewardBroker
from leeward.extension.errors import AuthFailed, Permanent, RateLimited, Transient
from leeward.jobs.sync.user import SyncUser
from leeward.wire.keys import ProviderKeys
from tests.support.fleets.workers_under_test import AT_ONCE, actor_of, dead_letters, run_until_empty, working
from tests.support.waiting import wait_until

SECRET = "correct horse battery staple"
SAID: dict[str, Any] = {"provider": "jellyfin", "operation": "sync"}


def fail(error: Exception) -> object:
    def act(job: SyncUser) -> None:
        raise error

    return act


def declared(broker: LeewardBroker, error: Exception, **options: Any) -> None:
    actor_of(broker, "sync.jellyfin")(fail(error), actor_name="sync.user", job=SyncUser, **options)
    payload = SyncUser(user="alice", password=SECRET).to_payload()
    broker.get_actor("sync.user").send(payload=payload)


@pytest.mark.parametrize("padding", [0, 1_990, 15_990, 100_000])
def test_a_dead_jobs_error_has_no_secret_even_where_it_is_cut(
    broker: LeewardBroker, valkey: "redis.Redis", padding: int
) -> None:
    declared(broker, Permanent(f"{'x' * padding}rejected {SECRET}{'y' * padding}", **SAID))

    run_until_empty(broker, "sync.jellyfin")

    (letter,) = dead_letters(valkey, "jellyfin")
    kept = str(letter["error"])
    assert not any(SECRET[at : at + 6] in kept for at in range(len(SECRET) - 5))


def test_the_errors_that_travel_with_a_job_have_no_secret(broker: LeewardBroker, valkey: "redis.Redis") -> None:
    declared(broker, Transient(f"rejected {SECRET}", **SAID), max_retries=2, **AT_ONCE)

    run_until_empty(broker, "sync.jellyfin")

    (letter,) = dead_letters(valkey, "jellyfin")
    errors = Message.decode(letter["message"]).options["errors"]
    assert len(errors) == 3
    assert SECRET not in str(errors)


def test_a_cause_in_the_chain_is_cleaned_too(broker: LeewardBroker, valkey: "redis.Redis") -> None:
    def act(job: SyncUser) -> None:
        try:
            raise ValueError(f"inner: {SECRET}")  # noqa: TRY301 # a cause is what is under test
        except ValueError as inner:
            raise Permanent("outer", **SAID) from inner

    actor_of(broker, "sync.jellyfin")(act, actor_name="sync.user", job=SyncUser)
    broker.get_actor("sync.user").send(payload=SyncUser(user="alice", password=SECRET).to_payload())

    run_until_empty(broker, "sync.jellyfin")

    (letter,) = dead_letters(valkey, "jellyfin")
    assert "inner: [redacted]" in letter["error"]["traceback"]
    assert SECRET not in str(letter["error"])


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("http://user:pass@host/x", "http://[redacted]@host/x"),
        ("redis://:p@ss:w@rd@host:1/0", "redis://[redacted]@host:1/0"),
        ("http://host/a@b", "http://host/a@b"),
    ],
)
def test_credentials_in_urls_are_hidden(broker: LeewardBroker, valkey: "redis.Redis", url: str, shown: str) -> None:
    declared(broker, Permanent(f"could not reach {url}", **SAID))

    run_until_empty(broker, "sync.jellyfin")

    (letter,) = dead_letters(valkey, "jellyfin")
    assert letter["error"]["message"] == f"could not reach {shown}"


@pytest.mark.parametrize("kind", [RateLimited, AuthFailed])
@pytest.mark.parametrize("text", [f"rejected {SECRET}", "caf\udce9"])
def test_the_cause_for_which_a_provider_is_held_has_no_secret_and_can_be_written(
    broker: LeewardBroker, valkey: "redis.Redis", kind: type[RateLimited | AuthFailed], text: str
) -> None:
    declared(broker, kind(text, retry_after=timedelta(hours=1), **SAID))
    keys = ProviderKeys("jellyfin")

    with working(broker):
        wait_until(
            lambda: valkey.zcard(keys.leases) == 0 and any(valkey.hkeys(keys.deliveries)), description="the job put off"
        )

    dump = b"".join(valkey.dump(name) or b"" for name in valkey.scan_iter() if name != keys.jobs.encode())
    assert SECRET.encode() not in dump
