"""What each answer of the Bot API means, and of what may answer in its place."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from leeward.extension.errors import (
    Ambiguous,
    AuthFailed,
    Misconfigured,
    Permanent,
    ProviderError,
    RateLimited,
    Transient,
)
from providers.http_client.answer import Answer
from providers.telegram.answers import ChatGone, ChatMigrated, MarksUnreadable, classify
from tests.support.contracts import contract_file

NOW = datetime(2026, 11, 23, tzinfo=UTC)
JSON = {"Content-Type": "application/json"}
HTML = {"Content-Type": "text/html"}


def refusal(code: int, description: str, **parameters: Any) -> bytes:
    said = {"ok": False, "error_code": code, "description": description}
    return json.dumps(said | ({"parameters": parameters} if parameters else {})).encode()


def meaning(status: int, body: bytes, headers: dict[str, str] | None = None) -> ProviderError | None:
    return classify(Answer(status, httpx.Headers(JSON if headers is None else headers), body), now=NOW)


def test_ok_with_200_is_success() -> None:
    assert meaning(200, b'{"ok":true,"result":{"message_id":1}}') is None


OWN = [
    (400, "Bad Request: chat not found", Permanent),
    (400, "Bad Request: message text is empty", Permanent),
    (400, "Bad Request: message is too long", Permanent),
    (400, "Bad Request: not enough rights to send text messages to the chat", Permanent),
    (400, 'Bad Request: can\'t parse entities: Unsupported start tag "x" at byte offset 0', MarksUnreadable),
    (400, "Bad Request: unsupported parse_mode", MarksUnreadable),
    (400, "Bad Request: FLOOD_WAIT_7", RateLimited),
    (401, "Unauthorized", AuthFailed),
    (401, "Unauthorized: invalid token specified", AuthFailed),
    (403, "Forbidden: bot was blocked by the user", ChatGone),
    (403, "Forbidden: bot was kicked from the supergroup chat", ChatGone),
    (403, "Forbidden: user is deactivated", ChatGone),
    (403, "Forbidden: the group chat was deleted", ChatGone),
    (403, "Forbidden: bot can't initiate conversation with a user", ChatGone),
    (404, "Not Found: method not found", Misconfigured),
    (404, "Not Found", Misconfigured),
    (406, "Not Acceptable", Permanent),
    (409, "Conflict: terminated by other getUpdates request", Misconfigured),
    (420, "FLOOD", RateLimited),
    (421, "Misdirected Request: unallowed token specified", Misconfigured),
    (429, "Too Many Requests: retry after 35", RateLimited),
    (500, "Internal Server Error: restart", Transient),
    (500, "Internal Server Error", Transient),
    (502, "Bad Gateway", Transient),
    (503, "Service Unavailable", Transient),
]


@pytest.mark.parametrize(("code", "description", "kind"), OWN)
def test_the_bot_apis_own_answers(code: int, description: str, kind: type[ProviderError]) -> None:
    found = meaning(code, refusal(code, description))

    assert type(found) is kind
    assert description.split('"', maxsplit=1)[0] in str(found)
    assert found is not None
    assert found.status == code


def test_a_flood_says_how_long_to_wait() -> None:
    found = meaning(429, refusal(429, "Too Many Requests: retry after 35", retry_after=35))

    assert isinstance(found, RateLimited)
    assert found.retry_after == timedelta(seconds=35)


def test_the_header_counts_where_the_body_does_not_say_it() -> None:
    found = meaning(429, refusal(429, "Too Many Requests"), JSON | {"Retry-After": "12"})

    assert found is not None
    assert found.retry_after == timedelta(seconds=12)


@pytest.mark.parametrize("seconds", ["35", -1, True, None, [35], {"a": 1}])
def test_a_wait_of_another_shape_is_none(seconds: object) -> None:
    found = meaning(429, refusal(429, "Too Many Requests", retry_after=seconds))

    assert isinstance(found, RateLimited)
    assert found.retry_after is None


def test_a_wait_beyond_all_measure_is_cut() -> None:
    found = meaning(429, refusal(429, "Too Many Requests", retry_after=10**30))

    assert found is not None
    assert found.retry_after == timedelta(days=7)


def test_a_group_that_was_upgraded_names_its_supergroup() -> None:
    words = "Bad Request: group chat was upgraded to a supergroup chat"
    found = meaning(400, refusal(400, words, migrate_to_chat_id=-1001234567890))

    assert isinstance(found, ChatMigrated)
    assert found.to == -1001234567890


@pytest.mark.parametrize(("code", "condition"), [(403, "CHAT_GONE"), (429, "RATE_LIMITED"), (401, "AUTH_FAILURE")])
def test_an_error_has_a_stable_condition(code: int, condition: str) -> None:
    found = meaning(code, refusal(code, "whatever it says"))

    assert found is not None
    assert found.condition == condition


def test_the_body_says_the_code_where_the_status_is_another() -> None:
    assert type(meaning(200, refusal(403, "Forbidden: bot was blocked by the user"))) is ChatGone
    assert type(meaning(200, b'{"ok":false}')) is Permanent
    assert type(meaning(500, b'{"ok":true,"result":{}}')) is Transient


OTHERS = [
    (200, b"<html>web UI</html>", HTML, Misconfigured),
    (200, b'{"status":"up"}', JSON, Misconfigured),
    (200, b"", {}, Misconfigured),
    (200, b'{"ok":true,"resu', JSON, Ambiguous),
    (200, b'{"ok":"yes"}', JSON, Misconfigured),
    (302, b"", {"Location": "https://login.example/"}, Misconfigured),
    (401, b"", {}, AuthFailed),
    (403, b"<html>blocked by the network</html>", HTML, Misconfigured),
    (404, b"<h1>404 Not Found</h1>", HTML, Misconfigured),
    (407, b"", {}, Misconfigured),
    (429, b"<h1>429</h1>", HTML | {"Retry-After": "5"}, RateLimited),
    (500, b"", {}, Transient),
    (502, b"<h1>502 Bad Gateway</h1>", HTML, Transient),
    (503, b"upstream connect error", {"Content-Type": "text/plain"}, Transient),
    (504, b"", {}, Transient),
    (520, b"<html>cloudflare</html>", HTML, Transient),
]


@pytest.mark.parametrize(("status", "body", "headers", "kind"), OTHERS)
def test_what_is_not_the_bot_api(status: int, body: bytes, headers: dict[str, str], kind: type[ProviderError]) -> None:
    assert type(meaning(status, body, headers)) is kind


PUBLISHED = {
    "error_400_chat_not_found": Permanent,
    "error_400_migrated": ChatMigrated,
    "error_401": AuthFailed,
    "error_401_malformed_token": AuthFailed,
    "error_403_blocked": ChatGone,
    "error_404_method": Misconfigured,
    "error_429": RateLimited,
    "error_500_restart": Transient,
}


@pytest.mark.parametrize("name", PUBLISHED)
def test_the_examples_of_the_contracts_folder(name: str) -> None:
    body = contract_file(f"examples/derived.telegram.{name}.json").read_bytes()

    assert type(meaning(json.loads(body)["error_code"], body)) is PUBLISHED[name]


@given(
    status=st.integers(200, 599),
    said=st.dictionaries(
        st.sampled_from(["ok", "error_code", "description", "parameters"]),
        st.one_of(st.none(), st.booleans(), st.integers(), st.text(), st.lists(st.integers())),
    ),
)
def test_an_answer_of_any_shape_has_a_class(status: int, said: dict[str, Any]) -> None:
    body = json.dumps(said).encode()
    if len(str(said)) < 1000:
        found = meaning(status, body)
        assert found is None or isinstance(found, ProviderError)
