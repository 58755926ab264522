import redis
from pydantic import SecretStr

from leeward.record import FleetRecord
from workers.composition.installed.extensions import Broken
from workers.composition.publishing import publish_broken
from workers.settings.settings import Settings

BROKEN = (Broken("acme (leeward-acme 0.1)", "importing it raises OSError: redis://user:s3cret-of-ann@host"),)


def test_why_a_worker_did_not_start_is_known_on_other_machines_without_secrets(
    valkey: "redis.Redis", valkey_url: str
) -> None:
    publish_broken(Settings(valkey_url=SecretStr(valkey_url)), BROKEN)
    (catalogue,) = FleetRecord(valkey).workers().values()
    assert list(catalogue.broken) == ["acme (leeward-acme 0.1)"]
    assert "s3cret" not in catalogue.text()


def test_a_server_that_cannot_be_reached_adds_no_second_error() -> None:
    publish_broken(Settings(valkey_url=SecretStr("redis://127.0.0.1:1/0")), BROKEN)
    publish_broken(Settings(), BROKEN)
