"""A title is requested once, whatever is there already, and whatever becomes of the answers."""

from typing import Any

import pytest

from leeward.extension.errors import (
    AuthFailed,
    Misconfigured,
    Permanent,
    ProviderError,
    QuotaExceeded,
    Transient,
)
from leeward.jobs.sync.request import MediaType, SyncRequest
from providers.seerr.provider import Seerr
from simulators.faults import Effect, Rule, Stage
from simulators.seerr.server import SeerrSimulator
from simulators.seerr.titles import RequestStatus
from tests.integration.providers.seerr.conftest import Connect

MOVIE = SyncRequest(media_type=MediaType.MOVIE, tmdb_id=603)
CREATE = "POST /api/v1/request"


def series(seasons: Any = None, **fields: Any) -> SyncRequest:
    return SyncRequest(media_type=MediaType.TV, tmdb_id=1416, seasons=seasons, **fields)


def created(server: SeerrSimulator) -> int:
    return server.record.counts().get("request_created", 0)


def refused(seerr: Seerr, job: SyncRequest = MOVIE) -> ProviderError:
    with pytest.raises(ProviderError) as raised:
        seerr.submit(job)
    return raised.value


def test_a_movie_is_requested_and_its_number_is_kept(seerr: Seerr, server: SeerrSimulator) -> None:
    assert seerr.submit(MOVIE) == {
        "outcome": "created",
        "request_id": 1,
        "status": "approved",
        "media_status": "processing",
        "media_type": "movie",
        "tmdb_id": 603,
        "is_4k": False,
        "seasons": [],
    }
    assert created(server) == 1


@pytest.mark.parametrize("overseerr", [False, True])
def test_a_movie_that_is_requested_already_is_adopted(seerr: Seerr, server: SeerrSimulator, *, overseerr: bool) -> None:
    server.configure({"overseerr": overseerr})
    first = seerr.submit(MOVIE)

    again = seerr.submit(MOVIE)

    assert again == first | {"outcome": "adopted"}
    assert created(server) == 1


def test_the_quality_is_always_said_so_that_the_server_notices_a_second_request(
    seerr: Seerr, server: SeerrSimulator
) -> None:
    seerr.submit(MOVIE)
    seerr.submit(MOVIE.model_copy(update={"is_4k": True}))

    assert [one.body["is4k"] for one in server.titles.all()] == [True, False]


def test_a_declined_movie_is_requested_anew(seerr: Seerr, server: SeerrSimulator) -> None:
    seerr.submit(MOVIE)
    server.titles.set_status(server.titles.all()[0], RequestStatus.DECLINED)

    assert seerr.submit(MOVIE)["outcome"] == "created"


@pytest.mark.parametrize("overseerr", [False, True])
def test_a_movie_that_is_available_is_not_requested(seerr: Seerr, server: SeerrSimulator, *, overseerr: bool) -> None:
    server.configure({"overseerr": overseerr})
    seerr.submit(MOVIE)
    server.make_available(server.titles.all()[0])

    assert seerr.submit(MOVIE)["media_status"] == "available"
    assert created(server) == 1


def test_a_movie_that_another_requests_at_the_same_moment_is_adopted(seerr: Seerr, server: SeerrSimulator) -> None:
    other = seerr.submit(MOVIE)
    server.faults.set(
        Rule(
            operation="GET /api/v1/movie/603",
            effect=Effect.STATUS,
            status=500,
            times=1,
            content_type="application/json",
            body='{"message":"Unable to retrieve movie."}',
        )
    )

    assert seerr.submit(MOVIE) == other | {"outcome": "adopted"}
    assert server.faults.describe()[0]["hits"] == 1


def test_a_conflict_without_a_request_is_for_an_administrator(seerr: Seerr, server: SeerrSimulator) -> None:
    server.faults.set(
        Rule(
            operation=CREATE,
            effect=Effect.STATUS,
            status=409,
            content_type="application/json",
            body='{"message":"Request for this media already exists."}',
        )
    )

    error = refused(seerr)

    assert type(error) is Permanent
    assert "clear the data" in str(error)


def test_a_lost_answer_is_looked_for_and_adopted(seerr: Seerr, server: SeerrSimulator) -> None:
    server.faults.set(Rule(operation=CREATE, effect=Effect.RESET, stage=Stage.AFTER, times=1))

    assert seerr.submit(MOVIE)["outcome"] == "adopted"
    assert created(server) == 1


@pytest.mark.parametrize("after", [0, 1, 20, 200])
def test_half_an_answer_is_looked_for_and_adopted(seerr: Seerr, server: SeerrSimulator, after: int) -> None:
    server.faults.set(Rule(operation=CREATE, effect=Effect.RESET, stage=Stage.DURING, after_bytes=after, times=1))

    assert seerr.submit(MOVIE)["outcome"] == "adopted"
    assert created(server) == 1


@pytest.mark.parametrize("body", ["{}", "[]", '{"id":"x"}', '{"id":1}', "null", '{"id":'])
def test_an_answer_that_has_no_number_is_looked_for_and_adopted(
    seerr: Seerr, server: SeerrSimulator, body: str
) -> None:
    server.faults.set(
        Rule(
            operation=CREATE,
            effect=Effect.STATUS,
            stage=Stage.AFTER,
            status=201,
            content_type="application/json",
            body=body,
            times=1,
        )
    )

    assert seerr.submit(MOVIE)["outcome"] == "adopted"
    assert created(server) == 1


def test_a_request_that_never_arrived_is_transient(seerr: Seerr, server: SeerrSimulator) -> None:
    server.faults.set(Rule(operation=CREATE, effect=Effect.RESET, times=1))

    error = refused(seerr)

    assert type(error) is Transient
    assert error.unreachable
    assert seerr.submit(MOVIE)["outcome"] == "created"


def test_all_seasons_are_requested_and_the_second_time_there_is_nothing_to_request(
    seerr: Seerr, server: SeerrSimulator
) -> None:
    first, again = seerr.submit(series()), seerr.submit(series())

    assert (first["outcome"], first["seasons"]) == ("created", [1, 2, 3])
    assert again == first | {"outcome": "adopted"}
    assert created(server) == 1


def test_only_the_seasons_that_are_missing_are_requested(seerr: Seerr) -> None:
    seerr.submit(series([1]))

    rest = seerr.submit(series([1, 2]))

    assert (rest["outcome"], rest["seasons"]) == ("created", [2])
    assert seerr.submit(series([1, 2]))["outcome"] == "adopted"


def test_what_may_be_set_is_sent(seerr: Seerr, server: SeerrSimulator) -> None:
    seerr.submit(
        series("all", tvdb_id=73762, user_id=2, server_id=0, profile_id=7, root_folder="/tv", language_profile_id=1)
    )

    assert server.titles.all()[0].body == {
        "mediaType": "tv",
        "mediaId": 1416,
        "is4k": False,
        "seasons": "all",
        "tvdbId": 73762,
        "userId": 2,
        "serverId": 0,
        "profileId": 7,
        "rootFolder": "/tv",
        "languageProfileId": 1,
    }


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({"movie_quota": 0}, QuotaExceeded),
        ({"blocklist": [603]}, Permanent),
        ({"may_request": False}, Permanent),
        ({"unknown_titles": [603]}, Permanent),
        ({"tmdb": "Request failed with status code 404"}, Permanent),
        ({"tmdb": "Request failed with status code 503"}, Transient),
        ({"tmdb": "fetch failed"}, Transient),
        ({"csrf": True}, Misconfigured),
        ({"api_key": "another"}, AuthFailed),
    ],
)
def test_a_refusal_has_its_class(
    seerr: Seerr, server: SeerrSimulator, settings: dict[str, Any], expected: type[ProviderError]
) -> None:
    server.configure(settings)

    assert isinstance(error := refused(seerr), expected), repr(error)
    assert created(server) == 0


def test_a_user_that_is_not_there_is_permanent(seerr: Seerr) -> None:
    assert type(refused(seerr, MOVIE.model_copy(update={"user_id": 99}))) is Permanent


def test_acting_as_an_unknown_user_is_refused_credentials(connect: Connect) -> None:
    assert type(refused(connect(user_id=99))) is AuthFailed
    assert connect(user_id=2).submit(MOVIE)["outcome"] == "created"


def test_the_key_is_shown_nowhere(connect: Connect) -> None:
    error = refused(connect(api_key="not-the-key-1234"))

    assert "not-the-key-1234" not in f"{error!r} {error.__cause__!r}"
