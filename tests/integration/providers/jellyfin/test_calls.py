"""The calls of an instance: measured one by one, bounded by its own settings, their errors with a code."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest

from leeward.extension import Calls, Context, MeasuredCall, ProviderError
from leeward.jobs.sync.user import UserState
from providers.jellyfin.provider import Jellyfin
from providers.jellyfin.settings import JellyfinSettings
from simulators.faults import Effect, Rule
from simulators.jellyfin.server import JellyfinSimulator

Seen = list[MeasuredCall]


@contextmanager
def opened(server: JellyfinSimulator, seen: Seen, **changes: Any) -> Iterator[Jellyfin]:
    settings = JellyfinSettings(**{"url": server.url, "token": server.settings.token, **changes})
    calls = Calls("media", type="jellyfin", total=settings.timeout, observe=seen.append)
    provider = Jellyfin("media", settings, Context(call=calls))
    provider.open()
    yield provider
    provider.close()


@pytest.fixture
def seen() -> Seen:
    return []


def test_each_request_is_a_call_with_a_name(jellyfin: JellyfinSimulator, seen: Seen) -> None:
    with opened(jellyfin, seen) as media:
        media.ensure_user("alice", UserState.ENABLED, None)
        media.ensure_user("alice", UserState.ENABLED, None)

    assert {call.provider for call in seen} == {"media"}
    assert ("create_user", "ok") in {(call.operation, call.outcome) for call in seen}
    assert ("create_user", "conflict") in {(call.operation, call.outcome) for call in seen}
    assert all(call.seconds > 0 for call in seen)


def _hangs(jellyfin: JellyfinSimulator) -> None:
    jellyfin.faults.set(Rule(effect=Effect.HANG, operation="GET *"))


def _drips(jellyfin: JellyfinSimulator) -> None:
    jellyfin.faults.set(Rule(effect=Effect.STATUS, status=200, latency_ms=30_000, operation="GET *"))


def _is_down(jellyfin: JellyfinSimulator) -> None:
    jellyfin.faults.set(Rule(effect=Effect.DOWN))


def _breaks(jellyfin: JellyfinSimulator) -> None:
    jellyfin.faults.set(Rule(effect=Effect.STATUS, status=500, body="Error processing request."))


@pytest.mark.parametrize(
    ("fault", "times", "code"),
    [
        (_hangs, {"timeout": timedelta(milliseconds=200)}, "JELLYFIN_TIMEOUT"),
        (_drips, {"timeout": timedelta(milliseconds=200)}, "JELLYFIN_TIMEOUT"),
        (_hangs, {"answer_timeout": timedelta(milliseconds=200)}, "JELLYFIN_TIMEOUT"),
        (_is_down, {}, "JELLYFIN_UNAVAILABLE"),
        (_breaks, {}, "JELLYFIN_UNAVAILABLE"),
    ],
)
def test_an_error_has_a_code(
    jellyfin: JellyfinSimulator,
    seen: Seen,
    fault: Callable[[JellyfinSimulator], None],
    times: dict[str, timedelta],
    code: str,
) -> None:
    with opened(jellyfin, seen, **times) as media:
        fault(jellyfin)
        with pytest.raises(ProviderError) as found:
            media.ensure_user("alice", UserState.DISABLED, None)

    assert found.value.code == code
    assert [(call.outcome, call.code) for call in seen] == [(code.removeprefix("JELLYFIN_").lower(), code)]


def test_a_key_that_is_refused_has_a_code(jellyfin: JellyfinSimulator, seen: Seen) -> None:
    with opened(jellyfin, seen, token="not-the-key") as media, pytest.raises(ProviderError) as found:  # not one
        media.ensure_user("alice", UserState.DISABLED, None)

    assert found.value.code == "JELLYFIN_AUTH_FAILURE"
