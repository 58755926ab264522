"""Download jobs through the real broker and all rings, against a simulated host."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import redis

from actors.download import extension
from broker.broker import LeewardBroker
from broker.event_stream.stream import Cursor, EventStream, StreamEvent
from broker.options import SessionOptions
from leeward.client import Leeward
from leeward.jobs.download.file import DownloadFile
from leeward.status import JobState, JobStatus
from middleware.order import rings
from providers.downloads.config import DownloadConfig
from providers.downloads.settings import DownloadSettings
from simulators.faults import Effect, Rule
from simulators.files.server import FilesSimulator
from tests.support.composing import bound
from tests.support.fleets.workers_under_test import broker_at, working
from tests.support.waiting import wait_until

SIZE = 3_000_000


@pytest.fixture
def host() -> Iterator[FilesSimulator]:
    with FilesSimulator() as simulator:
        yield simulator


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "downloads"
    folder.mkdir()
    return folder


@pytest.fixture
def broker(valkey_url: str, root: Path) -> Iterator[LeewardBroker]:
    settings = DownloadSettings(root=root, allow_private=True)
    # A lease is renewed every third of its time, and progress travels with it.
    quick = SessionOptions(lease=timedelta(seconds=1))
    with (
        broker_at(valkey_url, middleware=rings(), session=quick) as broker,
        bound(broker, extension, dict.fromkeys(("http", "mirror"), settings)),
        working(broker),
    ):
        yield broker


@pytest.fixture
def client(valkey_url: str, broker: LeewardBroker) -> Iterator[Leeward]:
    with Leeward(valkey_url) as producer:
        yield producer


def _events(client: "redis.Redis", provider: str = "http") -> list[StreamEvent]:
    return EventStream(client, provider).after(Cursor("0-0")).events


def _ended(client: Leeward, job_id: str) -> JobStatus:
    return wait_until(
        lambda: (status := client.status(job_id)).state.is_final and status,
        description="the job has ended",
        timeout=30,
    )


def test_a_job_brings_its_file_and_tells_what_it_is(host: FilesSimulator, client: Leeward, root: Path) -> None:
    file = host.publish("/a.iso", size=SIZE)

    job = client.enqueue(DownloadFile(url=f"{host.url}/a.iso", destination="films/a.iso", sha256=file.sha256()))

    assert client.result(job.job_id) == {
        "path": "films/a.iso",
        "size_bytes": SIZE,
        "sha256": file.sha256(),
        "resumed_from": 0,
        "etag": file.etag("0"),
    }
    assert (root / "films/a.iso").stat().st_size == SIZE


def test_a_connection_that_breaks_off_after_much_is_continued_in_the_same_delivery(
    host: FilesSimulator, client: Leeward, root: Path
) -> None:
    file = host.publish("/a.iso", size=SIZE, close_after_bytes=SIZE // 4)

    job = client.enqueue(DownloadFile(url=f"{host.url}/a.iso", destination="a.iso"))

    result = client.result(job.job_id)
    asked = [entry["headers"].get("range") for entry in host.record.entries("request")]
    assert asked == [None, *(f"bytes={SIZE // 4 * quarter}-" for quarter in (1, 2, 3))]
    assert (result["resumed_from"], result["sha256"]) == (0, file.sha256())
    assert client.status(job.job_id).attempts == 0


def test_a_connection_that_breaks_off_after_little_is_retried_and_continued(
    host: FilesSimulator, client: Leeward, root: Path, valkey: "redis.Redis"
) -> None:
    """Each delivery brings less than what is worth asking again at once."""
    little = DownloadConfig(root=root).resume_at_once_bytes // 2
    file = host.publish("/a.iso", size=little + 1, close_after_bytes=little)

    job = client.enqueue(DownloadFile(url=f"{host.url}/a.iso", destination="a.iso"))

    result = client.result(job.job_id)
    assert (result["resumed_from"], result["sha256"]) == (little, file.sha256())
    assert len(host.record.entries("request")) == 2
    assert [event.name for event in _events(valkey)] == ["download.started", "download.completed"]


def test_every_provider_has_a_queue_of_its_own(host: FilesSimulator, client: Leeward, root: Path) -> None:
    host.publish("/a.iso", size=SIZE)

    job = client.enqueue(DownloadFile(provider="mirror", url=f"{host.url}/a.iso", destination="a.iso"))

    assert client.result(job.job_id)["path"] == "a.iso"


def test_a_missing_file_is_a_dead_letter_at_once(host: FilesSimulator, client: Leeward, valkey: "redis.Redis") -> None:
    host.faults.set(Rule(effect=Effect.STATUS, status=404))

    job = client.enqueue(DownloadFile(url=f"{host.url}/a.iso?token=s3cret", destination="a.iso"))

    assert _ended(client, job.job_id).state is JobState.DEAD
    assert len(host.record.entries("request")) == 1
    started, failed = _events(valkey)
    told = {"provider": "http", "kind": "download.file", "destination": "a.iso"}
    assert (started.name, started.data) == ("download.started", told)
    assert (failed.name, failed.data["reason"]) == ("download.failed", "permanent")
    assert failed.data.items() > told.items()
    assert "s3cret" not in str((started, failed))


def test_the_same_job_twice_asks_the_host_once(host: FilesSimulator, client: Leeward) -> None:
    file = host.publish("/a.iso", size=SIZE)
    wanted = DownloadFile(url=f"{host.url}/a.iso", destination="a.iso", sha256=file.sha256())

    results = [client.result(client.enqueue(wanted).job_id) for _ in range(2)]

    assert [result["resumed_from"] for result in results] == [0, SIZE]
    assert len(host.record.entries("request")) == 1


def test_progress_can_be_watched(host: FilesSimulator, client: Leeward) -> None:
    host.publish("/a.iso", size=SIZE, bytes_per_second=SIZE // 2)

    job = client.enqueue(DownloadFile(url=f"{host.url}/a.iso", destination="a.iso"))
    progress = wait_until(lambda: client.status(job.job_id).progress, description="progress is told")

    assert 0 <= progress["done"] <= progress["total"] == SIZE


def test_a_download_may_take_hours_but_not_for_ever(broker: LeewardBroker) -> None:
    actor = broker.get_actor("download.file")

    assert actor.options["time_limit"] == 6 * 3600 * 1000
    assert actor.options["retry_preset"] == "aggressive"
    assert actor.options["unknown_outcome"] == "rerun"
