"""What each answer of a Plex server means, and of what may answer in its place."""

from datetime import UTC, datetime, timedelta

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from leeward.extension.errors import AuthFailed, Misconfigured, Permanent, ProviderError, RateLimited, Transient
from providers.http_client.answer import Answer
from providers.plex.answers import NoSuchThing, classify

NOW = datetime(2026, 11, 23, tzinfo=UTC)
HTML = {"Content-Type": "text/html"}
XML = {"Content-Type": "text/xml;charset=utf-8"}
JSON = {"Content-Type": "application/json"}
OWN = HTML | {"X-Plex-Protocol": "1.0"}
MAINTENANCE = (
    '<Response code="503" title="Maintenance" status="Plex Media Server is currently running database migrations."/>'
)
NGINX = (
    "<html>\r\n<head><title>{0}</title></head>\r\n<body>\r\n<center><h1>{0}</h1></center>\r\n"
    "<hr><center>nginx</center>\r\n</body>\r\n</html>"
)


def meaning(
    status: int, body: str = "", headers: dict[str, str] | None = None, operation: str = "list_sections"
) -> ProviderError | None:
    answer = Answer(status, httpx.Headers(HTML if headers is None else headers), body.encode())
    return classify(answer, operation=operation, now=NOW)


def page(status: int, reason: str) -> str:
    return f"<html><head><title>{reason}</title></head><body><h1>{status} {reason}</h1></body></html>"


def test_json_is_success() -> None:
    assert meaning(200, '{"MediaContainer":{"size":0}}', JSON) is None


@pytest.mark.parametrize("operation", ["refresh_section", "cancel_refresh", "delete_collection"])
@pytest.mark.parametrize("headers", [{}, HTML, XML, JSON])
def test_a_scan_that_was_asked_for_is_answered_with_nothing(operation: str, headers: dict[str, str]) -> None:
    assert meaning(200, "", headers, operation) is None


@pytest.mark.parametrize(
    ("body", "headers", "words"),
    [
        ('<MediaContainer size="0"/>', XML, "drops the Accept header"),
        ("<html>Sign in</html>", HTML, "not a Plex server"),
        ("", {}, "no content type"),
        ("OK", {"Content-Type": "text/plain"}, "text/plain instead of JSON"),
    ],
)
def test_a_success_that_is_no_json_is_of_something_else(body: str, headers: dict[str, str], words: str) -> None:
    found = meaning(200, body, headers)

    assert isinstance(found, Misconfigured)
    assert words in str(found)


def test_a_portal_is_not_taken_for_a_scan() -> None:
    assert isinstance(meaning(200, "<html>Sign in</html>", HTML, "refresh_section"), Misconfigured)


OF_THE_SERVER = [
    (400, "Bad Request", Permanent),
    (401, "Unauthorized", AuthFailed),
    (403, "Forbidden", AuthFailed),
    (405, "Method Not Allowed", Misconfigured),
    (408, "Request Timeout", Transient),
    (409, "Conflict", Permanent),
    (413, "Payload Too Large", Permanent),
    (414, "URI Too Long", Permanent),
    (422, "Unprocessable Entity", Permanent),
    (429, "Too Many Requests", RateLimited),
    (500, "Internal Server Error", Transient),
    (502, "Bad Gateway", Transient),
    (503, "Service Unavailable", Transient),
    (504, "Gateway Timeout", Transient),
]


@pytest.mark.parametrize(("status", "reason", "kind"), OF_THE_SERVER)
def test_the_servers_own_page(status: int, reason: str, kind: type[ProviderError]) -> None:
    for headers in (HTML, OWN):
        found = meaning(status, page(status, reason), headers)
        assert type(found) is kind
        assert found is not None
        assert found.status == status


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, Permanent),
        (401, AuthFailed),
        (403, AuthFailed),
        (429, RateLimited),
        (500, Transient),
        (503, Transient),
        (599, Transient),
    ],
)
def test_a_status_with_nothing_is_how_it_answers_too(status: int, kind: type[ProviderError]) -> None:
    assert type(meaning(status)) is kind
    assert type(meaning(status, "", {})) is kind


@pytest.mark.parametrize(
    "operation", ["refresh_section", "list_items", "list_collections", "list_collection_items", "add_collection_items"]
)
@pytest.mark.parametrize("body", ["", page(404, "Not Found")])
def test_404_is_about_the_section_or_the_collection(operation: str, body: str) -> None:
    found = meaning(404, body, operation=operation)

    assert type(found) is NoSuchThing
    assert found.condition == "NOT_FOUND"


@pytest.mark.parametrize("operation", ["identity", "list_sections", "health"])
def test_404_to_what_every_server_has_is_a_wrong_address(operation: str) -> None:
    assert type(meaning(404, operation=operation)) is Misconfigured


def test_404_of_a_proxy_is_a_wrong_address_whatever_was_asked_for() -> None:
    assert type(meaning(404, NGINX.format("404 Not Found"), operation="refresh_section")) is Misconfigured


@pytest.mark.parametrize("headers", [XML, OWN, HTML, {}])
@pytest.mark.parametrize("declaration", ["", '<?xml version="1.0" encoding="UTF-8"?>\n'])
def test_a_server_with_its_database_under_migration_says_so(headers: dict[str, str], declaration: str) -> None:
    found = meaning(503, declaration + MAINTENANCE, headers)

    assert type(found) is Transient
    assert "currently running database migrations" in str(found)


@pytest.mark.parametrize(
    ("status", "reason", "kind"),
    [
        (400, "400 Bad Request", Misconfigured),
        (401, "401 Authorization Required", Misconfigured),
        (403, "403 Forbidden", Misconfigured),
        (413, "413 Request Entity Too Large", Misconfigured),
        (429, "429 Too Many Requests", RateLimited),
        (500, "500 Internal Server Error", Transient),
        (502, "502 Bad Gateway", Transient),
        (503, "503 Service Temporarily Unavailable", Transient),
        (504, "504 Gateway Time-out", Transient),
    ],
)
def test_a_proxys_page_is_not_the_servers(status: int, reason: str, kind: type[ProviderError]) -> None:
    assert type(meaning(status, NGINX.format(reason))) is kind


def test_a_sign_in_of_a_proxy_does_not_concern_the_token() -> None:
    found = meaning(401, "", {"WWW-Authenticate": 'Basic realm="proxy"'})

    assert type(found) is Misconfigured


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed(status: int) -> None:
    assert type(meaning(status, "", {"Location": "https://other.example/"})) is Misconfigured


@pytest.mark.parametrize("wait", ["007", "Mon, 23 Nov 2026 00:00:07 GMT"])
def test_a_wait_is_read_in_both_forms(wait: str) -> None:
    found = meaning(503, "", HTML | {"Retry-After": wait})

    assert found is not None
    assert found.retry_after == timedelta(seconds=7)


@given(
    st.integers(300, 599),
    st.binary(max_size=200),
    st.sampled_from(["text/html", "text/xml", "application/json", "", "x/y"]),
)
def test_every_answer_that_is_no_success_has_a_class(status: int, body: bytes, content_type: str) -> None:
    answer = Answer(status, httpx.Headers({"Content-Type": content_type}), body)

    assert isinstance(classify(answer, operation="list_items", now=NOW), ProviderError)
