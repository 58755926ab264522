"""Collections at the simulated server, where nothing keeps their titles unique."""

from typing import Any

import pytest

from leeward import CollectionItem
from leeward.extension.errors import Misconfigured, Permanent, TargetUnavailable, Transient
from providers.plex.media_collections import Collected
from providers.plex.provider import Plex
from simulators.faults import Effect, Rule, Stage
from simulators.http_server import Answer, Request
from simulators.plex.server import PlexSimulator
from tests.integration.providers.plex.conftest import films

SINTEL = CollectionItem(title="Sintel")
CREATE = "POST /library/collections"


@pytest.fixture
def library(server: PlexSimulator) -> PlexSimulator:
    """Two films and a show, scanned."""
    media = [
        *films("Sintel", "Tears of Steel", guids=["imdb://tt1727587", "tmdb://45745"]),
        *({"section": "TV Shows", "title": "Caminandes", "path": p, "episode": p} for p in ("/media/shows/C/1.mkv",)),
    ]
    server.configure({"media": media})
    for key in ("1", "2"):
        server.library.refresh(key, None)
    return server


def contents(server: PlexSimulator) -> list[tuple[str, list[str]]]:
    titles = {one["key"]: one["title"] for one in server.state()["items"]}
    return [(one["title"], [titles[key] for key in one["items"]]) for one in server.state()["collections"]]


def test_a_collection_is_made_once(plex: Plex, library: PlexSimulator) -> None:
    first, second = (plex.collect("Movies", "New", [SINTEL]) for _ in range(2))

    assert first == Collected(first.collection_id, "New", created=True, added=first.added)
    assert second == Collected(first.collection_id, "New", created=False, added=())
    assert contents(library) == [("New", ["Sintel"])]


@pytest.mark.parametrize(
    "item",
    [
        {"title": "tears of steel"},
        {"title": "Tears of Steel", "year": 2010},
        {"path": "/media/films/Tears of Steel (2010)/Tears of Steel.mkv"},
        {"path": "/media/films/Tears of Steel (2010)"},
    ],
)
def test_an_item_is_found_by_each_of_its_names(item: dict[str, Any], plex: Plex, library: PlexSimulator) -> None:
    plex.collect("Movies", "New", [CollectionItem.model_validate(item)])

    assert contents(library) == [("New", ["Tears of Steel"])]


def test_an_item_is_found_by_what_a_database_calls_it(plex: Plex, server: PlexSimulator) -> None:
    server.configure({"media": films("A") + films("Sintel", guids=["imdb://tt1727587"])})
    server.library.refresh("1", None)

    plex.collect("Movies", "New", [CollectionItem(guid="IMDB://tt1727587".lower())])

    assert contents(server) == [("New", ["Sintel"])]


def test_a_show_is_found_by_a_file_of_an_episode(plex: Plex, library: PlexSimulator) -> None:
    plex.collect("TV Shows", "Kids", [CollectionItem(path="/media/shows/C")])

    assert contents(library) == [("Kids", ["Caminandes"])]


def test_two_films_of_one_title_need_a_year(plex: Plex, server: PlexSimulator) -> None:
    server.configure({"media": films("Dune") + films("Dune", year=1984, path="/media/films/Dune (1984)/d.mkv")})
    server.library.refresh("1", None)

    with pytest.raises(Permanent, match="give its year"):
        plex.collect("Movies", "New", [CollectionItem(title="Dune")])
    plex.collect("Movies", "New", [CollectionItem(title="Dune", year=1984)])

    assert contents(server) == [("New", ["Dune"])]


def test_what_is_known_is_in_it_while_the_rest_is_waited_for(plex: Plex, library: PlexSimulator) -> None:
    wanted = [SINTEL, CollectionItem(title="Big Buck Bunny")]

    with pytest.raises(TargetUnavailable, match="Big Buck Bunny") as failed:
        plex.collect("Movies", "New", wanted)
    assert failed.value.patience is not None
    assert contents(library) == [("New", ["Sintel"])]

    library.configure({"media": [*library.settings.media, *films("Big Buck Bunny")]})
    library.library.refresh("1", None)
    assert not plex.collect("Movies", "New", wanted).created
    assert contents(library) == [("New", ["Sintel", "Big Buck Bunny"])]


def test_others_in_the_collection_stay(plex: Plex, library: PlexSimulator) -> None:
    plex.collect("Movies", "New", [CollectionItem(title="Tears of Steel")])

    assert len(plex.collect("Movies", "new", [SINTEL]).added) == 1
    assert contents(library) == [("New", ["Tears of Steel", "Sintel"])]


@pytest.mark.parametrize(
    "rule",
    [
        Rule(operation=CREATE, effect=Effect.RESET, stage=Stage.AFTER),
        Rule(operation=CREATE, effect=Effect.RESET, stage=Stage.DURING),
        Rule(operation=CREATE, effect=Effect.STATUS, stage=Stage.AFTER, status=200, body="", content_type="text/html"),
        Rule(
            operation=CREATE,
            effect=Effect.STATUS,
            stage=Stage.AFTER,
            status=200,
            body="{",
            content_type="text/json+json",
        ),
        Rule(operation=CREATE, effect=Effect.STATUS, stage=Stage.AFTER, status=200, body="<MediaContainer/>"),
    ],
)
def test_an_answer_that_is_lost_or_unreadable_makes_no_second_one(
    rule: Rule, plex: Plex, library: PlexSimulator
) -> None:
    library.faults.set(rule)

    plex.collect("Movies", "New", [SINTEL])
    plex.collect("Movies", "New", [SINTEL])

    assert contents(library) == [("New", ["Sintel"])]
    assert library.record.counts()["collection_created"] == 1


def test_an_answer_without_the_collection_makes_no_second_one(plex: Plex, library: PlexSimulator) -> None:
    library.configure({"answers_create": False})

    plex.collect("Movies", "New", [SINTEL])

    assert contents(library) == [("New", ["Sintel"])]


def test_a_request_that_never_arrived_is_tried_again(plex: Plex, library: PlexSimulator) -> None:
    library.faults.set(Rule(operation=CREATE, effect=Effect.RESET, times=1))

    with pytest.raises(Transient):
        plex.collect("Movies", "New", [SINTEL])
    assert plex.collect("Movies", "New", [SINTEL]).created


def test_a_redirect_made_nothing_and_is_for_an_operator(plex: Plex, library: PlexSimulator) -> None:
    library.faults.set(Rule(operation=CREATE, effect=Effect.STATUS, status=302, body="", times=1))

    with pytest.raises(Misconfigured, match="redirect"):
        plex.collect("Movies", "New", [SINTEL])


def test_of_two_that_were_made_at_once_the_older_stays(
    plex: Plex, library: PlexSimulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    respond = library.respond

    def with_a_rival(request: Request) -> Answer:
        if (request.method, request.path) == ("POST", "/library/collections"):
            library.library.create("1", "New", "movie", [])
        return respond(request)

    monkeypatch.setattr(library._server, "respond", with_a_rival)

    collected = plex.collect("Movies", "New", [SINTEL])

    assert not collected.created
    assert contents(library) == [("New", ["Sintel"])]


def test_further_ones_of_the_title_are_counted_and_left_alone(plex: Plex, library: PlexSimulator) -> None:
    for _ in range(3):
        library.library.create("1", "New", "movie", [])

    assert plex.collect("Movies", "New", [SINTEL]).duplicates == 2
    assert [items for _, items in contents(library)] == [["Sintel"], [], []]


def test_a_smart_collection_is_not_filled_by_hand(plex: Plex, library: PlexSimulator) -> None:
    library.library.create("1", "New", "movie", [], smart=True)

    with pytest.raises(Permanent, match="smart collection") as refused:
        plex.collect("Movies", "New", [SINTEL])
    assert refused.value.condition == "CONFLICT"


def test_an_item_of_another_type_is_refused(plex: Plex, library: PlexSimulator) -> None:
    (show,) = [one["key"] for one in library.state()["items"] if one["title"] == "Caminandes"]

    with pytest.raises(Permanent) as refused:
        plex.collect("Movies", "New", [CollectionItem(id=str(show))])
    assert refused.value.status == 400


@pytest.mark.parametrize("options", [{"page_limit": 20}, {"page_limit": 20, "says_total": False}])
def test_many_items_are_read_and_added_in_parts(options: dict[str, Any], plex: Plex, server: PlexSimulator) -> None:
    media = films(*(f"Film {number}" for number in range(60)))
    server.configure({"media": media, "older_paths": True} | options)
    server.library.refresh("1", None)

    collected = plex.collect("Movies", "All", [CollectionItem(path=one["path"]) for one in media])

    assert len(collected.added) == 60
    assert len(plex.server.collection_items(plex.server.collections(plex.server.sections()[0])[0])) == 60
    assert plex.collect("Movies", "All", [CollectionItem(path=one["path"]) for one in media]).added == ()
