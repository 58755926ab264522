"""Media jobs through the real broker and all rings: yt-dlp itself, against a local host."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from pydantic import BaseModel

from actors import media
from broker.broker import LeewardBroker
from broker.options import SessionOptions
from leeward.client import Leeward
from leeward.extension import Extension, Health, Provider, actor
from leeward.extension.errors import Transient
from leeward.jobs.download.library_steps import library_steps
from leeward.jobs.download.media import DownloadMedia
from leeward.jobs.sync.collection import SyncCollection
from leeward.jobs.sync.library import SyncLibrary
from leeward.status import JobState
from middleware.order import rings
from providers.ytdlp.settings import YtDlpSettings
from simulators.files.server import FilesSimulator
from tests.integration.providers.ytdlp.processes import part_bytes, running
from tests.support.composing import bound
from tests.support.fleets.workers_under_test import broker_at, working
from tests.support.waiting import wait_until

pytestmark = pytest.mark.costly

SIZE = 3_000_000
ASKED: list[tuple[str, str | None]] = []
"""Kind and path of each delivery to the media server."""


class ShelfSettings(BaseModel):
    pass


class Shelf(Provider[ShelfSettings], type="shelf"):
    """A media server that is away when it is asked first."""

    def health(self) -> Health:
        return Health.healthy()


@actor(SyncLibrary, provider=Shelf, retry_preset="quick")
def look(job: SyncLibrary, shelf: Shelf) -> None:
    ASKED.append((job.kind, job.path))
    if len(ASKED) == 1:
        raise Transient("away")


@actor(SyncCollection, provider=Shelf, retry_preset="quick")
def collect(job: SyncCollection, shelf: Shelf) -> None:
    ASKED.append((job.kind, job.items[0].path))


SHELF = Extension("shelf", api=1, providers=[Shelf], actors=[look, collect])


@pytest.fixture
def host() -> Iterator[FilesSimulator]:
    with FilesSimulator() as simulator:
        yield simulator


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "media"
    folder.mkdir()
    return folder


@pytest.fixture
def broker(valkey_url: str, root: Path) -> Iterator[LeewardBroker]:
    quick = SessionOptions(lease=timedelta(seconds=1))
    with (
        broker_at(valkey_url, middleware=rings(), session=quick) as broker,
        bound(broker, media.extension, {"ytdlp": YtDlpSettings(root=root, allow_private=True)}),
        bound(broker, SHELF, {"shelf": ShelfSettings()}),
        working(broker),
    ):
        yield broker


@pytest.fixture
def client(valkey_url: str, broker: LeewardBroker) -> Iterator[Leeward]:
    with Leeward(valkey_url) as producer:
        yield producer


def test_a_film_is_brought_once_while_the_library_is_asked_until_it_answers(
    host: FilesSimulator, client: Leeward, root: Path
) -> None:
    ASKED.clear()
    host.publish("/film.mp4", size=SIZE)
    job = DownloadMedia(url=f"{host.url}/film.mp4?token=s3cret", destination="Sintel (2010)/Sintel (2010)")
    steps = library_steps(job, section="Films", seen_at="/films", collection="New", provider="shelf")

    enqueued = client.enqueue(job, then=steps)

    assert client.result(enqueued.job_id, timeout=timedelta(seconds=60)) == {
        "path": "Sintel (2010)/Sintel (2010).mp4",
        "size_bytes": SIZE,
        "kept": False,
        "media_id": "film",
        "title": "film",
        "extractor": "generic",
        "duration_seconds": None,
    }
    wait_until(lambda: len(ASKED) == 3, description="both steps have run", timeout=30)
    assert ASKED == [
        ("sync.library", "/films/Sintel (2010)"),
        ("sync.library", "/films/Sintel (2010)"),
        ("sync.collection", "/films/Sintel (2010)"),
    ]
    assert sum(entry["sent"] == SIZE for entry in host.record.entries("request")) == 1


def test_a_cancelled_film_ends_at_once_and_keeps_its_part(host: FilesSimulator, client: Leeward, root: Path) -> None:
    host.publish("/film.mp4", size=50_000_000, bytes_per_second=500_000)
    job = client.enqueue(DownloadMedia(url=f"{host.url}/film.mp4", destination="Films/A"))
    wait_until(lambda: part_bytes(root) > 50_000, description="a part of the film is there", timeout=60)
    progress = wait_until(lambda: client.status(job.job_id).progress, description="progress is reported")

    client.cancel(job.job_id)

    wait_until(lambda: client.status(job.job_id).state is JobState.CANCELLED, description="the job is cancelled")
    wait_until(lambda: not running(root), description="yt-dlp has ended")
    assert 0 < progress["done"] <= progress["total"] == 50_000_000
    assert part_bytes(root) > 0


def test_an_attempt_may_take_hours_but_not_for_ever(broker: LeewardBroker) -> None:
    actor = broker.get_actor("download.media")

    assert actor.options["time_limit"] == (6 * 60 + 5) * 60 * 1000
    assert actor.options["unknown_outcome"] == "rerun"
