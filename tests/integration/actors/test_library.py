"""Jobs of a media server's library, through the real broker and all rings, against a simulated Plex server."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import cast

import dramatiq
import pytest
from pydantic import SecretStr

from actors.library.plex import extension, scan_available
from broker.broker import LeewardBroker
from leeward import DownloadMedia, JobFailed, Leeward, library_steps
from leeward.extension import Event
from leeward.jobs.sync.collection import CollectionItem, SyncCollection
from leeward.jobs.sync.library import SyncLibrary
from middleware.order import rings
from providers.plex.provider import Plex
from providers.plex.settings import PlexSettings
from simulators.faults import Effect, Rule, Stage
from simulators.plex.server import PlexSimulator
from tests.integration.providers.plex.conftest import QUICK, films
from tests.support.composing import bound
from tests.support.waiting import wait_until


@pytest.fixture
def plex() -> Iterator[PlexSimulator]:
    with PlexSimulator() as simulator:
        simulator.configure({"media": films("Sintel")})
        yield simulator


@pytest.fixture
def client(valkey_url: str, plex: PlexSimulator) -> Iterator[Leeward]:
    """A producer; a worker is running."""
    settings = PlexSettings.model_validate({"url": plex.url, "token": SecretStr(plex.settings.token)} | QUICK)
    broker = LeewardBroker(valkey_url, middleware=rings())
    alone = replace(extension, handlers=())  # what they handle, another extension emits
    with bound(broker, alone, {"plex": settings}), Leeward(valkey_url) as producer:
        worker = dramatiq.Worker(broker, worker_threads=2, worker_timeout=100)
        worker.start()
        yield producer
        worker.stop()
    broker.close()


def test_a_film_is_scanned_and_collected_over_interruptions(client: Leeward, plex: PlexSimulator) -> None:
    plex.faults.set(
        Rule(operation="GET /library/sections/*/refresh", effect=Effect.STATUS, status=503, times=1),
        Rule(operation="POST /library/collections", effect=Effect.RESET, stage=Stage.AFTER, times=1),
    )
    path = "/media/films/Sintel (2010)"

    scanned = client.result(
        client.enqueue(SyncLibrary(section="Movies", path=path)).job_id, timeout=timedelta(minutes=1)
    )
    wanted = SyncCollection(section="Movies", title="New", items=(CollectionItem(path=path),))
    collected = client.result(client.enqueue(wanted).job_id, timeout=timedelta(minutes=1))

    assert scanned["sections"] == ["Movies"]
    assert scanned["finished"]
    assert collected["title"] == "New"
    assert [len(one["items"]) for one in plex.state()["collections"]] == [1]


def test_a_film_goes_its_way_into_the_library(client: Leeward, plex: PlexSimulator) -> None:
    film = DownloadMedia(url="https://example.org/sintel", destination="Sintel (2010)/Sintel")

    steps = library_steps(film, section="Movies", seen_at="/media/films", collection="New")
    client.enqueue(steps.job, then=steps.then)

    wait_until(lambda: plex.state()["collections"], description="a collection", timeout=30)
    assert [entry["path"] for entry in plex.record.entries("refreshed")] == ["/media/films/Sintel (2010)"]
    assert [(one["title"], len(one["items"])) for one in plex.state()["collections"]] == [("New", 1)]


def test_a_section_that_is_not_there_is_a_dead_letter_at_once(client: Leeward, plex: PlexSimulator) -> None:
    with pytest.raises(JobFailed) as failed:
        client.result(client.enqueue(SyncLibrary(section="Films")).job_id, timeout=timedelta(minutes=1))

    assert failed.value.error["code"] == "PLEX_NOT_FOUND"
    assert plex.record.entries("refreshed") == []


def available(plex: PlexSimulator, client: Leeward, media_type: str, *, refresh: bool) -> None:
    """Runs the handler, as a worker does for an event."""
    settings = {"url": plex.url, "token": plex.settings.token, "refresh_when_available": refresh}
    instance = Plex("plex", PlexSettings.model_validate(settings))
    instance.open()
    scan_available(Event("e1", "media.available", datetime.now(UTC), {"media_type": media_type}), instance, client)
    instance.close()


@pytest.mark.parametrize(("media_type", "scanned"), [("movie", {"1"}), ("tv", {"2"}), ("album", {"1", "2"})])
def test_media_that_became_available_has_its_sections_scanned(
    media_type: str, scanned: set[str], client: Leeward, plex: PlexSimulator
) -> None:
    available(plex, client, media_type, refresh=True)

    wait_until(lambda: len(plex.record.entries("refreshed")) == len(scanned), description="scans")
    assert {entry["section"] for entry in plex.record.entries("refreshed")} == scanned


def test_it_is_left_alone_where_it_is_not_asked_for(plex: PlexSimulator) -> None:
    no_client = cast("Leeward", None)

    available(plex, no_client, "movie", refresh=False)
