"""What a request manager's webhooks are taken for, whatever is in them."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from actors.requests.hints import request_changed
from leeward.extension import Hint, IncomingWebhook, WebhookRefused, WebhookUnreadable
from leeward.jobs.sync.requests import SyncRequests
from providers.seerr.provider import Seerr
from providers.seerr.settings import SeerrSettings
from simulators.record import Record
from simulators.seerr.titles import Titles
from simulators.seerr.webhooks import body_of
from tests.support.contracts import contract_file
from tests.support.examples import examples

SECRET = "Bearer the-secret-ä"
HEADERS = {"AUTHORIZATION": SECRET}


def instance(**options: Any) -> Seerr:
    values = {"url": "http://seerr.test:5055", "api_key": "k", "webhook_authorization": SECRET} | options
    return Seerr("seerr-eu", SeerrSettings.model_validate(values))


def read(body: object, headers: dict[str, str] | None = None, **options: Any) -> Hint | None:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return request_changed(IncomingWebhook(HEADERS if headers is None else headers, raw), instance(**options))


def about(number: object, kind: str = "MEDIA_AVAILABLE") -> dict[str, Any]:
    return {"notification_type": kind, "request": {"request_id": number}}


def test_a_request_is_read_again_at_the_instance_that_got_it() -> None:
    assert read(about("16")) == Hint(SyncRequests(provider="seerr-eu", request_ids=(16,)), key="MEDIA_AVAILABLE/16")


def test_a_simulated_webhook_is_understood() -> None:
    titles = Titles(Record())
    title = titles.title("movie", 603)
    request = titles.add(title, is_4k=False, user_id=1, seasons=(), body={}, approve=True)

    hint = read(body_of("MEDIA_AUTO_APPROVED", request))

    assert hint is not None
    assert hint.job == SyncRequests(provider="seerr-eu", request_ids=(1,))
    assert read(body_of("TEST_NOTIFICATION", None)) is None


@pytest.mark.parametrize(
    ("name", "number"), [("seerr.webhook_media_auto_approved", 16), ("seerr.webhook_test_notification", None)]
)
def test_a_published_webhook_is_understood(name: str, number: int | None) -> None:
    hint = read(contract_file(f"examples/{name}.json").read_bytes())

    assert (hint is None) == (number is None)
    assert hint is None or hint.job == SyncRequests(provider="seerr-eu", request_ids=(16,))


@pytest.mark.parametrize(
    "kind", ["TEST_NOTIFICATION", "ISSUE_CREATED", "ISSUE_COMMENT", "ISSUE_RESOLVED", "ISSUE_REOPENED"]
)
def test_what_is_about_no_request_needs_nothing(kind: str) -> None:
    assert read({"notification_type": kind, "request": None, "media": None}) is None


@pytest.mark.parametrize("number", ["", None, "x", "-1", "0", "1e3", "१", "9" * 30, True, 1.5, [], {}])
def test_media_without_a_request_that_can_be_read_looks_for_whatever_is_new(number: object) -> None:
    hint = read(about(number))

    assert hint == Hint(SyncRequests(provider="seerr-eu"), key="MEDIA_AVAILABLE")


@pytest.mark.parametrize("body", [{"notification_type": "MEDIA_FAILED", "request_id": "7"}, about(7, "MEDIA_FAILED")])
def test_a_template_of_the_operators_own_is_understood(body: dict[str, Any]) -> None:
    hint = read(body)

    assert hint is not None
    assert hint.key == "MEDIA_FAILED/7"


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Authorization": ""},
        {"Authorization": "Bearer another"},
        {"Authorization": SECRET[:-1]},
        {"X-Other": SECRET},
    ],
)
def test_a_webhook_that_does_not_know_the_secret_is_refused_before_it_is_read(headers: dict[str, str]) -> None:
    with pytest.raises(WebhookRefused) as refused:
        read(b"\xff not json", headers)

    assert "secret" not in str(refused.value)


def test_another_header_can_be_configured() -> None:
    assert read(about("1"), {"x-seerr": SECRET}, webhook_header="X-Seerr") is not None
    with pytest.raises(WebhookRefused):
        read(about("1"), webhook_header="X-Seerr")


def test_an_instance_without_a_secret_takes_none() -> None:
    with pytest.raises(WebhookRefused, match="set webhook_authorization"):
        read(about("1"), webhook_authorization=None)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"7",
        b"null",
        b'"x"',
        b"{}",
        b"\xff",
        b'{"notification_type":7}',
        b'{"notification_type":""}',
        b'{"notification_type":"' + b"x" * 65 + b'"}',
        b"[" * 100_000,
        b" " * 300_000,
    ],
    ids=lambda body: repr(body[:24]),
)
def test_what_is_no_webhook_is_unreadable(body: bytes) -> None:
    with pytest.raises(WebhookUnreadable):
        read(body)


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["request", "request_id", "notification_type"]), inner)
    ),
    max_leaves=6,
)


@settings(max_examples=examples(100), deadline=None)
@given(body=VALUES)
def test_any_json_is_a_hint_nothing_or_unreadable(body: object) -> None:
    try:
        hint = read(body)
    except WebhookUnreadable:
        return
    assert hint is None or len(hint.key) < 100
