"""What is told about actors and their queues is what a worker declares."""

from pathlib import Path

import pytest

from workers.composition.root import build_broker, declare_actors
from workers.settings.guards.actors import ACTORS, actor_at, cannot_be_its_own, queue_at
from workers.settings.guards.defaults import DEFAULTS
from workers.settings.settings import Settings

EVERYTHING = {
    "LEEWARD_VALKEY_URL": "redis://127.0.0.1:1/0",
    "LEEWARD_DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none",
    "LEEWARD_JELLYFIN_URL": "http://127.0.0.1:1",
    "LEEWARD_JELLYFIN_TOKEN": "token",
    "LEEWARD_SMTP_HOST": "127.0.0.1",
    "LEEWARD_SMTP_SENDER": "fleet@example.org",
}


def test_every_actor_that_a_worker_declares_is_known_with_its_queue(tmp_path: Path) -> None:
    settings = Settings.load(EVERYTHING | {"LEEWARD_DOWNLOAD_ROOT": str(tmp_path)})
    broker = build_broker(settings)
    declare_actors(broker, settings)
    broker.close()

    declared = {name: actor.queue_name for name, actor in broker.actors.items()}
    assert declared == {
        name: queue_at(name, queue.partition(".")[2]) for name, queue in declared.items() if name in ACTORS
    }
    assert {queue.partition(".")[2] for queue in declared.values() if "." in queue} <= DEFAULTS.keys()


@pytest.mark.parametrize(
    ("queue", "actor"),
    [("sync.jellyfin", "sync.user"), ("email.smtp", "email.send"), ("expiry", "expire.accounts"), ("lab", "lab")],
)
def test_a_queue_tells_whose_jobs_wait_in_it(queue: str, actor: str) -> None:
    assert actor_at(queue) == actor


def test_only_an_actor_with_a_queue_of_its_own_has_numbers_of_its_own() -> None:
    refused = {actor for actor in ACTORS if cannot_be_its_own(actor)}

    assert refused == {f"probe.{provider}" for provider in DEFAULTS}
    assert "kept by queue: give the numbers to their provider" in str(cannot_be_its_own("probe.smtp"))
