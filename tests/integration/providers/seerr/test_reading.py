"""Requests are read, listed, counted and changed; and how the server is."""

import socket
from datetime import timedelta

import pytest

from leeward.extension.errors import Misconfigured, ProviderError, Transient
from leeward.jobs.sync.request import MediaType, SyncRequest
from providers.seerr.answers import NoSuchRequest
from providers.seerr.provider import Seerr
from simulators.faults import Effect, Rule
from simulators.seerr.server import SeerrSimulator
from tests.integration.providers.seerr.conftest import Connect


def request(seerr: Seerr, tmdb_id: int = 603) -> int:
    number: int = seerr.submit(SyncRequest(media_type=MediaType.MOVIE, tmdb_id=tmdb_id))["request_id"]
    return number


def test_a_request_is_read(seerr: Seerr) -> None:
    assert seerr.requests.get(request(seerr)).tmdb_id == 603


def test_a_catch_all_404_is_not_believed_the_first_time(seerr: Seerr, server: SeerrSimulator) -> None:
    number = request(seerr)
    server.configure({"broken_reads": 1})

    assert seerr.requests.get(number).id == number


def test_a_404_is_believed_the_second_time(seerr: Seerr, server: SeerrSimulator) -> None:
    number = request(seerr)
    server.configure({"broken_reads": 2})

    with pytest.raises(NoSuchRequest):
        seerr.requests.get(number)


def test_the_list_is_read_in_pages_the_newest_first(seerr: Seerr) -> None:
    for tmdb_id in range(1, 6):
        request(seerr, tmdb_id)

    first, rest = seerr.requests.page(take=3), seerr.requests.page(skip=3, take=3)

    assert [one.id for one in (*first.requests, *rest.requests)] == [5, 4, 3, 2, 1]
    assert (first.total, first.unreadable) == (5, 0)


def test_a_request_of_the_list_that_is_none_hides_no_other(seerr: Seerr, server: SeerrSimulator) -> None:
    body = '{"pageInfo":{"results":3},"results":[{"id":1,"status":1},7,{"id":"x"}]}'
    server.faults.set(Rule(effect=Effect.STATUS, status=200, content_type="application/json", body=body))

    page = seerr.requests.page()

    assert ([one.id for one in page.requests], page.unreadable) == ([1], 2)


@pytest.mark.parametrize("body", ["[]", "{}", "7", '{"results":{}}', '{"results":[7]}'])
def test_a_list_that_is_none_is_a_wrong_address(seerr: Seerr, server: SeerrSimulator, body: str) -> None:
    server.faults.set(Rule(effect=Effect.STATUS, status=200, content_type="application/json", body=body))

    with pytest.raises(Misconfigured):
        seerr.requests.page()


@pytest.mark.parametrize("body", ["{", "[" * 100, "\ufeff{}", '{"a": NaN}'])
def test_json_that_cannot_be_read_has_a_class(seerr: Seerr, server: SeerrSimulator, body: str) -> None:
    server.faults.set(Rule(effect=Effect.STATUS, status=200, content_type="application/json", body=body))

    with pytest.raises(ProviderError):
        seerr.requests.page()


@pytest.mark.parametrize("overseerr", [False, True])
def test_requests_are_counted_as_far_as_the_server_counts_them(
    seerr: Seerr, server: SeerrSimulator, *, overseerr: bool
) -> None:
    server.configure({"overseerr": overseerr})
    request(seerr)

    counts = seerr.requests.counts()

    assert (counts["total"], counts["approved"], "completed" in counts) == (1, 1, not overseerr)


def test_a_request_is_declined_approved_retried_and_deleted(seerr: Seerr) -> None:
    number, requests = request(seerr), seerr.requests

    assert requests.decline(number).status == "declined"
    assert requests.approve(number).status == "approved"
    assert requests.retry(number).status == "approved"
    assert requests.delete(number)
    assert not requests.delete(number)
    with pytest.raises(NoSuchRequest):
        requests.approve(number)


def test_another_request_than_the_one_in_question_is_not_taken(seerr: Seerr, server: SeerrSimulator) -> None:
    body = '{"id":2,"status":1}'
    server.faults.set(Rule(effect=Effect.STATUS, status=200, content_type="application/json", body=body))

    with pytest.raises(Misconfigured):
        seerr.requests.get(1)


def test_a_server_that_is_set_up_is_healthy(seerr: Seerr) -> None:
    assert seerr.health().ok


def test_a_health_check_asks_with_no_key_and_not_the_page_that_asks_github(
    seerr: Seerr, server: SeerrSimulator
) -> None:
    server.configure({"api_key": "another"})
    server.faults.set(Rule(operation="GET /api/v1/status", effect=Effect.HANG))

    assert seerr.health().ok


@pytest.mark.parametrize(
    ("status", "content_type", "body"),
    [
        (200, "application/json", '{"initialized":false}'),
        (200, "application/json", '{"initialized":"true"}'),
        (200, "application/json", "{}"),
        (200, "application/json", "["),
        (200, "text/html", '{"initialized":true}'),
        (404, "application/json", '{"initialized":true}'),
        (503, "text/html", "<html>"),
    ],
)
def test_what_does_not_say_that_it_is_set_up_is_not_healthy(
    seerr: Seerr, server: SeerrSimulator, status: int, content_type: str, body: str
) -> None:
    server.faults.set(Rule(effect=Effect.STATUS, status=status, content_type=content_type, body=body))

    assert not seerr.health().ok


def test_a_hanging_server_is_unhealthy_and_its_calls_are_transient(connect: Connect, server: SeerrSimulator) -> None:
    server.faults.set(Rule(effect=Effect.HANG))
    hasty = connect(timeout="50ms", health_timeout=timedelta(milliseconds=50))

    assert "no answer" in hasty.health().detail
    with pytest.raises(Transient) as raised:
        hasty.requests.counts()
    assert raised.value.unreachable


def test_a_refused_connection_is_transient_and_unreachable(connect: Connect) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        away = connect(url=f"http://127.0.0.1:{closed.getsockname()[1]}")

        with pytest.raises(Transient) as raised:
            away.requests.counts()

    assert raised.value.unreachable


def test_an_address_that_was_copied_with_its_api_path_works(connect: Connect, server: SeerrSimulator) -> None:
    assert connect(url=f"{server.url}/api/v1/").requests.counts()["total"] == 0


def test_an_address_of_the_pages_is_a_wrong_one(connect: Connect, server: SeerrSimulator) -> None:
    with pytest.raises(Misconfigured):
        connect(url=f"{server.url}/web").requests.counts()
