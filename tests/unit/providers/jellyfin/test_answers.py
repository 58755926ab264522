"""Every answer that `providers.md` lists for Jellyfin, and what it means."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from leeward.extension.errors import AuthFailed, Misconfigured, Permanent, ProviderError, RateLimited, Transient
from providers.http_client.answer import Answer
from providers.jellyfin.answers import NameTaken, NoSuchUser, classify
from tests.support.contracts import contract_file
from tests.support.fixtures import fixture

NOW = datetime(2026, 11, 23, tzinfo=UTC)
HTML = {"Content-Type": "text/html; charset=utf-8"}
TEXT = {"Content-Type": "text/plain"}
JSON = {"Content-Type": "application/json; charset=utf-8"}
PROBLEM = {"Content-Type": "application/problem+json; charset=utf-8"}
OWN = {"X-Response-Time-ms": "0.5"}
"""What the running server adds to each of its answers."""


def meaning(
    status: int, body: str = "", headers: dict[str, str] | None = None, *, operation: str = "get_user"
) -> ProviderError | None:
    answer = Answer(status, httpx.Headers(headers or {}), body.encode())
    return classify(answer, provider="jellyfin", operation=operation, now=NOW)


def kind(*arguments: Any, **options: Any) -> type[ProviderError] | None:
    error = meaning(*arguments, **options)
    return None if error is None else type(error)


def test_json_with_200_and_nothing_with_204_are_success() -> None:
    assert meaning(200, "{}", JSON) is None
    assert meaning(204) is None


def test_a_page_with_200_is_a_wrong_address() -> None:
    assert kind(200, "<html>web UI</html>", HTML) is Misconfigured


def test_text_with_200_is_a_wrong_address() -> None:
    assert kind(200, "hello", TEXT) is Misconfigured


def test_a_redirect_is_a_wrong_address() -> None:
    assert kind(302, "", {"Location": "web/"}) is Misconfigured


def test_400_in_plain_text_on_create_is_a_duplicate() -> None:
    assert kind(400, "Error processing request.", TEXT, operation="create_user") is NameTaken


def test_400_as_a_validation_problem_on_create_is_no_duplicate() -> None:
    assert kind(400, "{}", PROBLEM, operation="create_user") is Permanent


def test_a_validation_problem_names_the_refused_fields_and_quotes_none_of_their_values() -> None:
    problem = {
        "title": "One or more validation errors occurred.",
        "status": 400,
        "errors": {"LibraryId": ["required"], "Password": ["'hunter2-hunter2' is too short"]},
    }

    error = meaning(400, json.dumps(problem), PROBLEM, operation="create_user")

    assert str(error) == "Jellyfin answered 400: One or more validation errors occurred. Refused: LibraryId, Password"


@pytest.mark.parametrize("errors", [None, {}, [], "LibraryId", 1])
def test_a_problem_without_refused_fields_says_its_title(errors: object) -> None:
    problem = json.dumps({"title": "Bad Request", "status": 400, "errors": errors})

    assert str(meaning(400, problem, PROBLEM)) == "Jellyfin answered 400: Bad Request"


def test_400_elsewhere_is_permanent() -> None:
    assert kind(400, "Error processing request.", TEXT, operation="set_policy") is Permanent


def test_401_is_a_refused_key() -> None:
    assert kind(401) is AuthFailed


def test_403_with_a_sentence_is_a_business_rule() -> None:
    error = meaning(403, "Administrators cannot be disabled.", TEXT)

    assert type(error) is Permanent
    assert "Administrators cannot be disabled." in str(error)


def test_403_with_a_sentence_as_a_json_string_is_a_business_rule() -> None:
    error = meaning(403, '"Administrators cannot be disabled."', JSON)

    assert type(error) is Permanent
    assert str(error).endswith(": Administrators cannot be disabled.")


def test_403_without_a_word_is_a_key_without_the_right() -> None:
    assert kind(403) is AuthFailed


def test_403_as_a_page_comes_from_something_in_front_of_the_server() -> None:
    assert kind(403, "<html>Forbidden</html>", HTML) is Misconfigured


@pytest.mark.parametrize(("body", "headers"), [("User not found", TEXT), ('"User not found"', JSON), ("", {})])
@pytest.mark.parametrize("operation", ["get_user", "set_policy", "set_password"])
def test_404_on_one_user_is_a_missing_user(operation: str, body: str, headers: dict[str, str]) -> None:
    assert kind(404, body, headers, operation=operation) is NoSuchUser


@pytest.mark.parametrize("operation", ["create_user", "list_users"])
def test_404_on_all_users_is_a_wrong_address(operation: str) -> None:
    assert kind(404, operation=operation) is Misconfigured


def test_404_as_a_page_is_a_wrong_address() -> None:
    assert kind(404, "<html>nginx</html>", HTML) is Misconfigured


def test_405_is_a_wrong_address() -> None:
    assert kind(405) is Misconfigured


@pytest.mark.parametrize("status", [408, 425])
def test_408_and_425_are_transient(status: int) -> None:
    assert kind(status) is Transient


def test_429_holds_the_provider_for_as_long_as_it_says() -> None:
    error = meaning(429, "", {"Retry-After": "Mon, 23 Nov 2026 00:01:30 GMT"})

    assert type(error) is RateLimited
    assert error.retry_after == timedelta(seconds=90)


def test_500_may_be_a_locked_database_and_is_transient() -> None:
    assert kind(500, "Error processing request.", TEXT, operation="create_user") is Transient


@pytest.mark.parametrize("status", [502, 504, 507])
def test_other_5xx_are_transient(status: int) -> None:
    assert kind(status, "<html>gateway</html>", HTML) is Transient


def test_503_of_the_setup_server_is_transient_with_its_zero_padded_wait() -> None:
    error = meaning(503, "<html>startup</html>", {**HTML, "Retry-After": "005"})

    assert type(error) is Transient
    assert error.retry_after == timedelta(seconds=5)


def test_503_with_a_page_is_the_starting_core_and_transient() -> None:
    error = meaning(503, "Jellyfin Server is loading. Please try again shortly.", HTML)

    assert type(error) is Transient
    assert error.retry_after is None


def test_503_with_nothing_from_the_server_itself_is_the_address_filter_and_never_heals() -> None:
    assert kind(503, "", OWN) is Misconfigured


def test_503_with_nothing_from_anybody_else_is_a_proxy_whose_server_is_away() -> None:
    assert kind(503) is Transient


def test_503_with_other_text_is_transient() -> None:
    assert kind(503, "Unhealthy", TEXT) is Transient


def test_an_error_carries_the_provider_the_operation_and_the_status() -> None:
    error = meaning(500, operation="set_policy")

    assert error is not None
    assert (error.provider, error.operation, error.status, error.unreachable) == ("jellyfin", "set_policy", 500, False)


EXPECTED = {
    "duplicate_or_invalid_username": ("create_user", NameTaken),
    "policy_missing_required_field": ("set_policy", Permanent),
    "wrong_or_revoked_token": ("list_users", AuthFailed),
    "not_admin": ("create_user", AuthFailed),
    "last_enabled_user_disable": ("set_policy", Permanent),
    "disable_admin": ("set_policy", Permanent),
    "last_admin_demote": ("set_policy", Permanent),
    "user_missing_get": ("get_user", NoSuchUser),
    "setup_server_other_path": ("create_user", Transient),
    "core_startup_not_done": ("create_user", Transient),
    "ip_filter_block": ("create_user", Misconfigured),
    "wrong_base_url": ("create_user", Misconfigured),
}


@pytest.mark.parametrize("name", EXPECTED)
def test_the_answers_that_were_written_down_are_classified(name: str) -> None:
    assert kind_of(fixture("jellyfin/errors.json")[name], name) is EXPECTED[name][1]


@pytest.mark.parametrize("name", EXPECTED)
def test_the_published_examples_are_classified(name: str) -> None:
    examples = json.loads(contract_file("examples/derived.jellyfin.responses.json").read_text())

    assert kind_of(examples[name], name) is EXPECTED[name][1]


def kind_of(example: dict[str, Any], name: str) -> type[ProviderError] | None:
    # The examples leave out what the running server adds to every answer; the setup server and its redirect do not have it.
    headers = {} if example["status"] == 302 or "Retry-After" in example.get("headers", {}) else dict(OWN)
    headers |= {"Content-Type": example["content_type"]} if "content_type" in example else {}
    status, body = example["status"], example["body"] or ""
    return kind(status, body, headers | example.get("headers", {}), operation=EXPECTED[name][0])
