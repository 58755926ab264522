"""Whatever answers at the address: a result or a class of error, within bounds."""

import gzip
import json
import socket
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from leeward.extension.errors import Ambiguous, Misconfigured, ProviderError
from leeward.jobs.sync.request import MediaType, SyncRequest
from providers.seerr.provider import Seerr
from providers.seerr.settings import SeerrSettings
from simulators.faults import Effect, Rule
from simulators.seerr.server import SeerrSimulator
from tests.integration.providers.seerr.conftest import Connect
from tests.support.examples import examples
from tests.support.fleets.raw_host import Talk, raw_host, read_request

KEY = "fleet-key-1234567890"
MOVIE = SyncRequest(media_type=MediaType.MOVIE, tmdb_id=603)
SERIES = SyncRequest(media_type=MediaType.TV, tmdb_id=603, seasons=(1,))


def outcome(seerr: Seerr, job: SyncRequest = MOVIE) -> ProviderError | None:
    """What becomes of one request; any exception that is no class of error fails the test."""
    found = attempt(seerr, job)
    assert KEY not in f"{found} {found!r}"
    return found


def attempt(seerr: Seerr, job: SyncRequest) -> ProviderError | None:
    try:
        seerr.submit(job)
    except ProviderError as error:
        return error
    return None


def at(url: str, **options: Any) -> Seerr:
    values = {"url": url, "api_key": KEY, "timeout": timedelta(seconds=0.5), "health_timeout": timedelta(seconds=0.2)}
    made = Seerr("seerr", SeerrSettings.model_validate(values | options))
    made.open()
    return made


def saying(body: bytes, status: int = 200, *headers: str) -> Talk:
    lines = [f"HTTP/1.1 {status} X", f"Content-Length: {len(body)}", *(headers or ["Content-Type: application/json"])]

    def talk(connection: socket.socket) -> None:
        while read_request(connection):
            connection.sendall("\r\n".join([*lines, "", ""]).encode() + body)

    return talk


@pytest.mark.parametrize(
    "first", [b"HTTP/1.1 200 OK\r\nX: ", b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n"]
)
def test_an_answer_that_drips_ends_with_its_time(first: bytes) -> None:
    def talk(connection: socket.socket) -> None:
        if read_request(connection):
            connection.sendall(first)
            host.drip(connection, b" ")

    with raw_host(talk) as host:
        seerr = at(host.url)
        assert not seerr.health().ok
        assert isinstance(outcome(seerr), ProviderError)
        seerr.close()


def test_a_little_gzip_does_not_become_a_gigabyte() -> None:
    bomb = gzip.compress(b"[" + b" " * 40_000_000 + b"]", 1)
    with raw_host(saying(bomb, 200, "Content-Type: application/json", "Content-Encoding: gzip")) as host:
        seerr = at(host.url, timeout="30s")
        assert type(outcome(seerr)) is Misconfigured
        seerr.close()


def test_an_error_that_quotes_the_request_does_not_hand_on_the_key() -> None:
    with raw_host(saying(json.dumps({"message": f"bad header X-Api-Key: {KEY}"}).encode(), 400)) as host:
        seerr = at(host.url)
        assert "[redacted]" in str(outcome(seerr))
        seerr.close()


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=4) | st.sampled_from([1, 2, 5, 603, "movie"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    "id",
                    "status",
                    "is4k",
                    "media",
                    "mediaInfo",
                    "requests",
                    "seasons",
                    "seasonNumber",
                    "message",
                    "error",
                ]
            ),
            inner,
            max_size=5,
        )
    ),
    max_leaves=10,
)
STATUSES = st.sampled_from([200, 201, 202, 204, 302, 400, 401, 403, 404, 409, 429, 500, 503])


@settings(max_examples=examples(100), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(looked=VALUES, created=VALUES, statuses=st.tuples(STATUSES, STATUSES), job=st.sampled_from([MOVIE, SERIES]))
def test_any_json_is_a_result_or_a_class_of_error(
    server: SeerrSimulator, seerr: Seerr, looked: object, created: object, statuses: tuple[int, int], job: SyncRequest
) -> None:
    answer = {"effect": Effect.STATUS, "content_type": "application/json"}
    server.faults.set(
        Rule(operation="GET *", status=statuses[0], body=json.dumps(looked), **answer),
        Rule(operation="POST *", status=statuses[1], body=json.dumps(created), **answer),
    )

    assert type(outcome(seerr, job)) is not Ambiguous
    assert seerr.health().detail


def test_what_speaks_no_http_is_a_wrong_address(connect: Connect) -> None:
    def talk(connection: socket.socket) -> None:
        connection.sendall(b"220 mail.test ESMTP\r\n")
        read_request(connection)

    with raw_host(talk) as host:
        assert type(outcome(connect(url=host.url))) is Misconfigured
