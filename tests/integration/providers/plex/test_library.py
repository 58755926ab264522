"""Scans at the simulated server."""

import threading
from datetime import timedelta

import pytest

from leeward.extension.errors import Permanent, TargetUnavailable, Transient
from providers.plex.library import Scanned
from providers.plex.provider import Plex
from simulators.faults import Effect, Rule
from simulators.plex.server import PlexSimulator
from tests.integration.providers.plex.conftest import Connect, films
from tests.support.waiting import wait_until


def refreshed(server: PlexSimulator) -> list[tuple[str, str | None]]:
    return [(entry["section"], entry["path"]) for entry in server.record.entries("refreshed")]


def test_a_section_is_scanned_to_its_end(plex: Plex, server: PlexSimulator) -> None:
    server.configure({"media": films("Sintel"), "scan_seconds": 0.2, "scan_begins_after_seconds": 0.1})

    scanned = plex.refresh("movies", None, wait=True)

    assert scanned == Scanned(("Movies",), finished=True)
    assert [one["title"] for one in server.state()["items"]] == ["Sintel"]
    assert refreshed(server) == [("1", None)]


def test_a_scan_that_is_over_between_two_looks_is_over(plex: Plex, server: PlexSimulator) -> None:
    server.configure({"media": films("Sintel")})

    assert plex.refresh("1", None, wait=True).finished


def test_one_folder_is_scanned_alone(plex: Plex, server: PlexSimulator) -> None:
    server.configure({"media": films("Sintel", "Tears of Steel")})

    plex.refresh("Movies", "/media/films/Sintel (2010)", wait=True)

    assert [one["title"] for one in server.state()["items"]] == ["Sintel"]
    assert refreshed(server) == [("1", "/media/films/Sintel (2010)")]


def test_every_section_is_scanned_where_none_is_named(plex: Plex, server: PlexSimulator) -> None:
    assert plex.refresh(None, None, wait=True).sections == ("Movies", "TV Shows")
    assert refreshed(server) == [("1", None), ("2", None)]


def test_a_job_that_does_not_wait_is_done_when_the_server_was_asked(plex: Plex, server: PlexSimulator) -> None:
    server.configure({"scan_seconds": 3600})

    assert not plex.refresh("Movies", None, wait=False).finished
    assert refreshed(server) == [("1", None)]


def test_a_scan_that_does_not_end_is_no_success(connect: Connect, server: PlexSimulator) -> None:
    server.configure({"scan_seconds": 3600})

    with pytest.raises(TargetUnavailable, match="scan_timeout"):
        connect(scan_timeout=timedelta(milliseconds=200)).refresh("Movies", None, wait=True)


def test_a_scan_that_runs_already_is_waited_for_and_another_asked_for(plex: Plex, server: PlexSimulator) -> None:
    server.configure({"scan_seconds": 0.3})
    server.library.refresh("1", None)

    assert plex.refresh("Movies", None, wait=True).finished
    assert refreshed(server) == [("1", None)]


def test_jobs_that_ask_while_a_scan_runs_share_the_next_one(plex: Plex, server: PlexSimulator) -> None:
    server.configure({"scan_seconds": 0.5})
    ended: list[Scanned] = []
    threads = [
        threading.Thread(target=lambda: ended.append(plex.refresh("Movies", None, wait=True)), daemon=True)
        for _ in range(6)
    ]
    threads[0].start()
    wait_until(lambda: server.library.is_refreshing("1"), description="a scan that runs")
    for thread in threads[1:]:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)

    assert len(ended) == 6
    assert all(one.finished for one in ended)
    assert sum(one.shared for one in ended) == 4
    assert len(refreshed(server)) == 2


@pytest.mark.parametrize(
    ("section", "path", "words"),
    [
        ("Films", None, "no section 'Films'; there are: Movies"),
        ("9", None, "no section"),
        ("Movies", "/media/shows/A", "in no folder"),
        ("Movies", "/media/films/../private", "in no folder"),
        ("Movies", "/media/filmstrips", "in no folder"),
    ],
)
def test_what_is_not_there_is_not_asked_for(
    section: str, path: str | None, words: str, plex: Plex, server: PlexSimulator
) -> None:
    with pytest.raises(Permanent, match=words):
        plex.refresh(section, path, wait=True)
    assert refreshed(server) == []


def test_a_server_with_its_database_under_migration_is_only_away_for_now(plex: Plex, server: PlexSimulator) -> None:
    server.configure({"maintenance": True})

    with pytest.raises(Transient, match="database migrations") as failed:
        plex.refresh("Movies", None, wait=True)
    assert failed.value.code == "PLEX_UNAVAILABLE"


def test_a_scan_is_cancelled(plex: Plex, server: PlexSimulator) -> None:
    server.configure({"scan_seconds": 3600})
    (movies, _) = plex.server.sections()
    plex.server.refresh(movies)

    plex.server.cancel_refresh(movies)

    assert not server.library.is_refreshing("1")


@pytest.mark.parametrize("effect", [Effect.RESET, Effect.DOWN])
def test_a_lost_answer_is_a_fault_that_passes(effect: Effect, plex: Plex, server: PlexSimulator) -> None:
    server.faults.set(Rule(effect=effect))

    with pytest.raises(Transient) as failed:
        plex.refresh("Movies", None, wait=True)
    assert failed.value.unreachable
    assert failed.value.operation == "list_sections"
