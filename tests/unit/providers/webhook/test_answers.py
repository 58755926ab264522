"""What each answer of a receiver means: of the instance's own, and of one that a job names."""

from datetime import UTC, datetime, timedelta

import httpx
import pytest

from leeward.extension.errors import (
    AuthFailed,
    Misconfigured,
    Permanent,
    ProviderError,
    RateLimited,
    TargetUnavailable,
    Transient,
)
from providers.http_client.answer import Answer
from providers.webhook.answers import PATIENCE, ReceiverUnavailable, classify

NOW = datetime(2026, 11, 23, tzinfo=UTC)


def meaning(status: int, *, is_own: bool, headers: dict[str, str] | None = None) -> ProviderError | None:
    answer = Answer(status, httpx.Headers(headers or {}), b"whatever it says")
    return classify(answer, where="example.org", is_own=is_own, now=NOW)


@pytest.mark.parametrize("status", [200, 201, 202, 204, 206, 299])
@pytest.mark.parametrize("is_own", [True, False])
def test_any_2xx_is_success(status: int, is_own: bool) -> None:
    assert meaning(status, is_own=is_own) is None


KINDS = [
    (301, Misconfigured, Permanent),
    (302, Misconfigured, Permanent),
    (304, Misconfigured, Permanent),
    (308, Misconfigured, Permanent),
    (400, Permanent, Permanent),
    (401, AuthFailed, Permanent),
    (402, Permanent, Permanent),
    (403, AuthFailed, Permanent),
    (404, Misconfigured, Permanent),
    (405, Misconfigured, Permanent),
    (407, Misconfigured, Permanent),
    (408, Transient, ReceiverUnavailable),
    (409, Transient, ReceiverUnavailable),
    (410, Misconfigured, Permanent),
    (413, Permanent, Permanent),
    (415, Permanent, Permanent),
    (421, Misconfigured, Permanent),
    (422, Permanent, Permanent),
    (423, Transient, ReceiverUnavailable),
    (425, Transient, ReceiverUnavailable),
    (429, RateLimited, ReceiverUnavailable),
    (451, Permanent, Permanent),
    (500, Transient, ReceiverUnavailable),
    (501, Transient, ReceiverUnavailable),
    (502, Transient, ReceiverUnavailable),
    (503, Transient, ReceiverUnavailable),
    (504, Transient, ReceiverUnavailable),
    (522, Transient, ReceiverUnavailable),
]


@pytest.mark.parametrize(("status", "own", "named"), KINDS)
def test_every_other_status(status: int, own: type[ProviderError], named: type[ProviderError]) -> None:
    for is_own, kind in ((True, own), (False, named)):
        found = meaning(status, is_own=is_own)
        assert type(found) is kind
        assert found is not None
        assert found.status == status
        assert "whatever it says" not in str(found)


@pytest.mark.parametrize("status", [429, 503, 403])
@pytest.mark.parametrize(("header", "seconds"), [("120", 120), ("Mon, 23 Nov 2026 00:02:00 GMT", 120), ("soon", None)])
def test_a_receiver_may_say_how_long_to_wait(status: int, header: str, seconds: int | None) -> None:
    found = meaning(status, is_own=True, headers={"Retry-After": header})

    assert found is not None
    assert found.retry_after == (None if seconds is None else timedelta(seconds=seconds))


def test_a_receiver_that_a_job_names_is_asked_for_days() -> None:
    found = meaning(500, is_own=False)

    assert isinstance(found, TargetUnavailable)
    assert found.patience == PATIENCE


def test_codes_are_those_of_their_causes() -> None:
    found = [meaning(status, is_own=True) for status in (504, 500, 401, 410, 400)]

    assert [one.condition for one in found if one is not None] == [
        "TIMEOUT",
        "UNAVAILABLE",
        "AUTH_FAILURE",
        "MISCONFIGURED",
        "BAD_REQUEST",
    ]
