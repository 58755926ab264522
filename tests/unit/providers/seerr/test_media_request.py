"""What is read of a request, whatever else is in it."""

import json
from typing import Any

import pytest

from providers.seerr.media_request import Media, MediaRequest, NoRequest
from tests.support.contracts import contract_file

MOVIE: dict[str, Any] = {
    "id": 22,
    "type": "movie",
    "status": 2,
    "is4k": False,
    "media": {"mediaType": "movie", "tmdbId": 603, "status": 3, "status4k": 1, "tvdbId": None},
    "isAutoRequest": False,
}


def test_a_movie_is_read() -> None:
    assert MediaRequest.from_dto(MOVIE) == MediaRequest(22, "approved", "processing", "movie", 603, is_4k=False)


def test_the_status_of_media_is_that_of_the_quality_that_was_asked_for() -> None:
    assert MediaRequest.from_dto(MOVIE | {"is4k": True}).media_status == "unknown"


@pytest.mark.parametrize(
    ("number", "name"),
    [(1, "pending"), (2, "approved"), (3, "declined"), (4, "failed"), (5, "completed"), (9, "status_9")],
)
def test_every_status_of_a_request_has_a_name(number: int, name: str) -> None:
    assert MediaRequest.from_dto(MOVIE | {"status": number}).status == name


@pytest.mark.parametrize(
    ("number", "name"),
    [
        (1, "unknown"),
        (2, "pending"),
        (3, "processing"),
        (4, "partially_available"),
        (5, "available"),
        (6, "blocklisted"),
        (7, "deleted"),
        (8, "status_8"),
        ("5", "status_unreadable"),
        (None, "unknown"),
    ],
)
def test_every_status_of_media_has_a_name(number: object, name: str) -> None:
    media = MOVIE["media"] | {"status": number}

    assert MediaRequest.from_dto(MOVIE | {"media": media}).media_status == name


def test_a_request_without_its_type_is_of_its_medias() -> None:
    assert MediaRequest.from_dto({**MOVIE, "type": None}).media_type == "movie"


def test_seasons_are_numbers_in_their_order() -> None:
    seasons = [{"seasonNumber": 2}, {"seasonNumber": 1}, {"seasonNumber": "x"}, 7, {}]

    assert MediaRequest.from_dto(MOVIE | {"type": "tv", "seasons": seasons}).seasons == (1, 2)


@pytest.mark.parametrize(
    "dto", [None, [], "x", {}, {"id": 1}, {"id": True, "status": 1}, {"id": "1", "status": 1}, {"id": -1, "status": 1}]
)
def test_what_has_no_number_or_no_status_is_no_request(dto: object) -> None:
    with pytest.raises(NoRequest):
        MediaRequest.from_dto(dto)


def test_media_that_nobody_asked_for_has_no_requests() -> None:
    assert Media.from_details({"id": 603, "title": "x"}, is_4k=False) == Media("unknown")


@pytest.mark.parametrize("details", [None, [], {}, {"message": "x"}])
def test_what_has_no_number_describes_no_title(details: object) -> None:
    with pytest.raises(NoRequest):
        Media.from_details(details, is_4k=False)


def test_the_requests_of_one_quality_are_the_newest_first() -> None:
    info = {"status": 3, "status4k": 2, "mediaType": "movie", "tmdbId": 603}
    requests = [{"id": number, "status": 1, "is4k": is_4k} for number, is_4k in ((1, False), (3, False), (2, True))]

    found = Media.from_details({"id": 603, "mediaInfo": info | {"requests": requests}}, is_4k=False)

    assert [(one.id, one.tmdb_id, one.media_status) for one in found.requests] == [
        (3, 603, "processing"),
        (1, 603, "processing"),
    ]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("seerr.create_movie_request", MediaRequest(22, "approved", "pending", "movie", 1511417, is_4k=False)),
        ("overseerr.create_movie_request", None),
        ("overseerr.create_tv_request", None),
        ("seerr.create_tv_request", None),
    ],
)
def test_a_recorded_request_is_read(name: str, expected: MediaRequest | None) -> None:
    found = MediaRequest.from_dto(json.loads(contract_file(f"examples/{name}.json").read_text()))

    assert found.tmdb_id
    assert found.media_type in name
    assert expected in {None, found}


@pytest.mark.parametrize("name", ["overseerr.movie_mediainfo", "seerr.tv_mediainfo"])
def test_recorded_details_are_read(name: str) -> None:
    found = Media.from_details(json.loads(contract_file(f"examples/{name}.json").read_text()), is_4k=False)

    assert found.requests
    assert not found.status.startswith("status_")
