"""Every answer of Seerr and Overseerr that is known to mean something, and what stands in their place."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from leeward.extension.errors import (
    AuthFailed,
    Misconfigured,
    Permanent,
    ProviderError,
    QuotaExceeded,
    RateLimited,
    Transient,
)
from providers.http_client.answer import Answer
from providers.seerr.answers import AlreadyRequested, CsrfProtected, NoSuchRequest, classify
from tests.support.contracts import contract_file

NOW = datetime(2026, 12, 1, tzinfo=UTC)
JSON = {"Content-Type": "application/json; charset=utf-8"}
HTML = {"Content-Type": "text/html"}
TEXT = {"Content-Type": "text/plain; charset=utf-8"}
Kind = type[ProviderError] | None


def failure(
    status: int, body: object = "", headers: dict[str, str] | None = None, operation: str = "create_request"
) -> ProviderError | None:
    said = body if isinstance(body, str) else json.dumps(body)
    given = JSON if headers is None else headers
    return classify(Answer(status, httpx.Headers(given), said.encode()), provider="s", operation=operation, now=NOW)


def kind(*arguments: Any, **options: Any) -> Kind:
    found = failure(*arguments, **options)
    return None if found is None else type(found)


def said(message: str) -> dict[str, str]:
    return {"message": message}


@pytest.mark.parametrize(
    ("status", "message", "expected"),
    [
        (202, "No seasons available to request", None),
        (400, "request.body should have required property 'mediaId'", Permanent),
        (401, "cookie 'connect.sid' required", AuthFailed),
        (403, "Movie Quota exceeded.", QuotaExceeded),
        (403, "Series Quota exceeded.", QuotaExceeded),
        (403, "This media is blocklisted.", Permanent),
        (403, "This media is blacklisted.", Permanent),
        (403, "You do not have permission to make movie requests.", Permanent),
        (403, "You do not have permission to make 4K series requests.", Permanent),
        (403, "You do not have permission to modify the request user.", Permanent),
        (403, "invalid csrf token", CsrfProtected),
        (403, "Invalid API key", AuthFailed),
        (404, "not found", Misconfigured),
        (405, "PUT method not allowed", Misconfigured),
        (409, "Request for this media already exists.", AlreadyRequested),
        (409, "Auto-request for this media and user already exists.", AlreadyRequested),
        (413, "request entity too large", Permanent),
        (415, "unsupported media type text/plain", Permanent),
        (408, "timeout", Transient),
        (425, "too early", Transient),
        (429, "Too many requests", RateLimited),
        (500, "[TMDB] Failed to fetch movie details: Request failed with status code 404", Permanent),
        (500, "[TMDB] Failed to fetch TV show details: Request failed with status code 404", Permanent),
        (500, "[TMDB] Failed to fetch movie details: Request failed with status code 503", Transient),
        (500, "[TMDB] Failed to fetch movie details: Request failed with status code 429", Transient),
        (500, "[TMDB] Failed to fetch movie details: connect ECONNRESET 10.0.0.1:443", Transient),
        (500, "[TMDB] Failed to fetch movie details: fetch failed", Transient),
        (500, "[TMDB] Failed to fetch movie details: read ETIMEDOUT", Transient),
        (500, 'Could not find any entity of type "User" matching: {"where": {"id": 99}}', Permanent),
        (500, "SQLITE_BUSY: database is locked", Transient),
        (500, "Something went wrong.", Transient),
        (503, "starting", Transient),
    ],
)
def test_an_answer_to_a_new_request(status: int, message: str, expected: Kind) -> None:
    assert kind(status, said(message)) is expected


@pytest.mark.parametrize(
    ("operation", "status", "body", "expected"),
    [
        ("get_request", 200, {}, None),
        ("delete_request", 204, "", None),
        ("delete_request", 401, said("You do not have permission to delete this request."), Permanent),
        ("delete_request", 401, said("cookie 'connect.sid' required"), AuthFailed),
        ("delete_request", 404, said("Request not found."), NoSuchRequest),
        ("get_request", 403, said("You do not have permission to view this request."), Permanent),
        ("get_request", 404, said("Request not found."), NoSuchRequest),
        ("retry_request", 404, said("Request not found."), NoSuchRequest),
        ("approve_request", 404, said("Request not found."), NoSuchRequest),
        ("decline_request", 404, said("Request not found."), NoSuchRequest),
        ("list_requests", 404, {"message": "not found", "errors": [{"path": "/x"}]}, Misconfigured),
        ("get_movie", 404, {"message": "not found", "errors": [{"path": "/x"}]}, Misconfigured),
        ("get_request", 404, {"message": "not found", "errors": [{"path": "/x"}]}, Misconfigured),
        ("delete_request", 404, {"message": "not found", "errors": [{"path": "/x"}]}, Misconfigured),
        ("get_movie", 404, said("Movie not found."), Permanent),
        ("get_series", 500, said("Unable to retrieve series."), Transient),
        ("get_movie", 500, said("Unable to retrieve movie."), Transient),
        ("approve_request", 409, said("conflict"), Permanent),
        (
            "list_requests",
            403,
            {"status": 403, "error": "You do not have permission to access this endpoint"},
            AuthFailed,
        ),
    ],
)
def test_an_answer_to_another_call(operation: str, status: int, body: object, expected: Kind) -> None:
    assert kind(status, body, operation=operation) is expected


def test_a_wrong_key_and_an_unknown_user_are_answered_alike_and_no_quota() -> None:
    error = failure(403, {"status": 403, "error": "You do not have permission to access this endpoint"})

    assert type(error) is AuthFailed
    assert "user_id" in str(error)


@pytest.mark.parametrize(
    ("status", "body", "headers", "expected"),
    [
        (200, "<html>", HTML, Misconfigured),
        (200, "ok", TEXT, Misconfigured),
        (200, "{}", {}, Misconfigured),
        (201, "<html>", HTML, Misconfigured),
        (204, "", {}, None),
        (301, "", {"Location": "https://seerr.example/"}, Misconfigured),
        (302, "", {"Location": "/login"}, Misconfigured),
        (307, "", {"Location": "https://auth.example/sign-in"}, Misconfigured),
        (400, "<html>The plain HTTP request was sent to HTTPS port", HTML, Misconfigured),
        (401, "", {"WWW-Authenticate": "Basic"}, Misconfigured),
        (401, said("Unauthorized"), JSON | {"WWW-Authenticate": "Bearer"}, Misconfigured),
        (403, "<html>Forbidden", HTML, Misconfigured),
        (403, "", {}, Misconfigured),
        (403, [], JSON, Misconfigured),
        (403, {"message": 7}, JSON, Misconfigured),
        (403, "{", JSON, Misconfigured),
        (404, "<html>", HTML, Misconfigured),
        (407, "", {}, Misconfigured),
        (429, "Too many requests, please try again later.", TEXT, RateLimited),
        (429, "<html>", HTML, RateLimited),
        (500, "<html>", HTML, Transient),
        (500, "", {}, Transient),
        (501, "", {}, Misconfigured),
        (502, "<html>Bad Gateway", HTML, Transient),
        (503, "", {}, Transient),
        (504, "upstream request timeout", TEXT, Transient),
        (521, "error code: 521", TEXT, Transient),
        (526, "error code: 526", TEXT, Misconfigured),
    ],
)
def test_what_stands_in_front_of_it_or_in_its_place(
    status: int, body: object, headers: dict[str, str], expected: Kind
) -> None:
    assert kind(status, body, headers) is expected


@pytest.mark.parametrize(
    ("written", "wait"),
    [("7", 7), ("005", 5), ("Tue, 01 Dec 2026 00:01:00 GMT", 60), ("soon", None), ("", None)],
)
def test_a_rate_limit_says_when_to_come_back(written: str, wait: int | None) -> None:
    error = failure(429, said("slow down"), JSON | {"Retry-After": written})

    assert error is not None
    assert error.retry_after == (None if wait is None else timedelta(seconds=wait))


def test_a_message_is_quoted_in_part_and_on_one_line() -> None:
    error = failure(403, said("no\r\n\x1b[31m" + "x" * 5000))

    assert len(str(error)) < 300
    assert "\n" not in str(error)
    assert "\x1b" not in str(error)


EXAMPLES = {
    "seerr.no_access": (403, "list_requests", AuthFailed),
    "overseerr.no_access": (403, "list_requests", AuthFailed),
    "seerr.create_movie_request": (201, "create_request", None),
    "seerr.create_tv_request": (201, "create_request", None),
    "overseerr.create_movie_request": (201, "create_request", None),
    "overseerr.create_tv_request": (201, "create_request", None),
    "seerr.request_count": (200, "count_requests", None),
    "derived.seerr.error_401_no_auth_header": (401, "list_requests", AuthFailed),
    "derived.seerr.error_403_blocklisted": (403, "create_request", Permanent),
    "derived.seerr.error_403_permission": (403, "create_request", Permanent),
    "derived.seerr.error_403_quota_movie": (403, "create_request", QuotaExceeded),
    "derived.seerr.error_403_quota_tv": (403, "create_request", QuotaExceeded),
    "derived.seerr.error_404_request": (404, "get_request", NoSuchRequest),
    "derived.seerr.error_409_duplicate_auto": (409, "create_request", AlreadyRequested),
    "derived.seerr.error_409_duplicate_movie": (409, "create_request", AlreadyRequested),
    "derived.seerr.error_500_tmdb_404": (500, "create_request", Permanent),
    "derived.seerr.error_500_tmdb_503": (500, "create_request", Transient),
    "derived.seerr.soft_202_no_seasons": (202, "create_request", None),
}


@pytest.mark.parametrize("name", EXAMPLES)
def test_a_published_example_means_what_it_should(name: str) -> None:
    status, operation, expected = EXAMPLES[name]

    assert kind(status, contract_file(f"examples/{name}.json").read_text(), operation=operation) is expected
