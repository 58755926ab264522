"""What each answer of Uptime Kuma means, and of what may answer in its place."""

import json
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from leeward.extension.errors import AuthFailed, Misconfigured, Permanent, ProviderError, RateLimited, Transient
from providers.http_client.answer import Answer
from providers.kuma.answers import classify_metrics, classify_page, classify_push
from tests.support.contracts import contract_file

NOW = datetime(2026, 11, 23, tzinfo=UTC)
JSON = {"Content-Type": "application/json; charset=utf-8"}
HTML = {"Content-Type": "text/html; charset=utf-8"}
TEXT = {"Content-Type": "text/plain"}
PAGE = "<!DOCTYPE html><title>Uptime Kuma</title>"
Kind = type[ProviderError] | None


def answer(status: int, body: str, headers: dict[str, str]) -> Answer:
    return Answer(status, httpx.Headers(headers), body.encode())


def kind_of(error: ProviderError | None) -> Kind:
    return None if error is None else type(error)


PUSHES: list[tuple[int, str, dict[str, str], Kind]] = [
    (200, '{"ok":true}', JSON, None),
    (404, '{"ok":false,"msg":"Monitor not found or not active."}', JSON, Permanent),
    (404, '{"ok":false,"msg":"SQLITE_BUSY: database is locked"}', JSON, Transient),
    (404, '{"ok":false,"msg":"Error: Request failed with status code 400"}', JSON, Transient),
    (404, '{"ok":false}', JSON, Transient),
    (200, '{"ok":false,"msg":"x"}', JSON, Transient),
    (200, '{"ok":1}', JSON, Transient),
    (200, PAGE, HTML, Misconfigured),
    (200, "", {}, Misconfigured),
    (200, '{"status":"up"}', JSON, Misconfigured),
    (404, "404 page not found", TEXT, Misconfigured),
    (404, "<h1>404</h1>", HTML, Misconfigured),
    (302, "", {"Location": "/dashboard"}, Misconfigured),
    (401, "", {"WWW-Authenticate": "Basic"}, Misconfigured),
    (429, "", {"Retry-After": "7"}, RateLimited),
    (500, "", {}, Transient),
    (502, "<h1>502 Bad Gateway</h1>", HTML, Transient),
]


@pytest.mark.parametrize(("status", "body", "headers", "kind"), PUSHES)
def test_the_answers_to_a_push(status: int, body: str, headers: dict[str, str], kind: Kind) -> None:
    assert kind_of(classify_push(answer(status, body, headers), now=NOW)) is kind


PAGES: list[tuple[int, str, dict[str, str], Kind]] = [
    (200, '{"config":{},"publicGroupList":[]}', JSON, None),
    (404, '{"status":"fail","msg":"Status Page Not Found"}', JSON, Permanent),
    (503, '{"status":"fail","msg":"SQLITE_BUSY: database is locked"}', JSON, Transient),
    (403, '{"status":"fail","msg":"Cannot read properties of null"}', JSON, Transient),
    (429, '{"status":"fail","msg":"Too many requests"}', JSON | {"Retry-After": "7"}, RateLimited),
    (403, "<h1>403 Forbidden</h1>", HTML, Misconfigured),
    (403, '{"message":"Forbidden"}', JSON, Misconfigured),
    (200, PAGE, HTML, Misconfigured),
    (200, '{"config":{', JSON, Transient),
    (200, "[" * 100, JSON, Transient),
    (200, "[" * 100 + "]" * 100, JSON, Misconfigured),
    (404, "<h1>404</h1>", HTML, Misconfigured),
    (301, "", {"Location": "https://login.example/"}, Misconfigured),
    (504, "", {}, Transient),
]


@pytest.mark.parametrize(("status", "body", "headers", "kind"), PAGES)
def test_the_answers_of_a_status_page(status: int, body: str, headers: dict[str, str], kind: Kind) -> None:
    assert kind_of(classify_page(answer(status, body, headers), now=NOW)) is kind


METRICS: list[tuple[int, str, dict[str, str], Kind]] = [
    (200, "monitor_status 1", TEXT, None),
    (200, PAGE, HTML, Misconfigured),
    (401, "", {"WWW-Authenticate": "Basic"}, AuthFailed),
    (401, "Too frequently, try again later.", TEXT, RateLimited),
    (403, "<h1>403</h1>", HTML, Misconfigured),
    (404, "<h1>404</h1>", HTML, Misconfigured),
    (503, "", {}, Transient),
]


@pytest.mark.parametrize(("status", "body", "headers", "kind"), METRICS)
def test_the_answers_of_the_metrics(status: int, body: str, headers: dict[str, str], kind: Kind) -> None:
    found = classify_metrics(answer(status, body, headers), now=NOW, accepted_lately=False)

    assert kind_of(found) is kind


def test_a_key_that_was_accepted_a_moment_ago_meets_the_limiter() -> None:
    found = classify_metrics(answer(401, "", {"WWW-Authenticate": "Basic"}), now=NOW, accepted_lately=True)

    assert isinstance(found, RateLimited)
    assert found.retry_after == timedelta(minutes=1)


def test_what_is_wrong_with_a_monitor_or_page_says_what_to_do() -> None:
    push = classify_push(answer(404, '{"ok":false,"msg":"Monitor not found or not active."}', JSON), now=NOW)
    page = classify_page(answer(404, '{"status":"fail","msg":"Status Page Not Found"}', JSON), now=NOW)

    assert push is not None
    assert page is not None
    assert (push.condition, page.condition) == ("NOT_FOUND", "NOT_FOUND")
    assert "resume the monitor" in str(push)
    assert "compare the slug" in str(page)


@pytest.mark.parametrize(
    ("name", "status", "kind"),
    [("push_ok_200", 200, None), ("push_404", 404, Permanent)],
)
def test_the_examples_of_pushes_of_the_contracts_folder(name: str, status: int, kind: Kind) -> None:
    body = contract_file(f"examples/derived.kuma.{name}.json").read_text()

    assert kind_of(classify_push(answer(status, body, JSON), now=NOW)) is kind


@pytest.mark.parametrize(
    ("name", "status", "kind"),
    [("status_page_404", 404, Permanent), ("status_page_503", 503, Transient)],
)
def test_the_examples_of_pages_of_the_contracts_folder(name: str, status: int, kind: Kind) -> None:
    body = contract_file(f"examples/derived.kuma.{name}.json").read_text()

    assert json.loads(body)["status"] == "fail"
    assert kind_of(classify_page(answer(status, body, JSON), now=NOW)) is kind
