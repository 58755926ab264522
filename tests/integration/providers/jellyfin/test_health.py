"""Healthy is the one word `Healthy`, and nothing else."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from providers.jellyfin.user_directory import UserDirectory
from simulators.faults import Effect, Rule
from simulators.jellyfin.server import JellyfinSimulator


def test_a_running_server_is_healthy(directory: UserDirectory) -> None:
    health = directory.health()

    assert health.ok
    assert health.detail == "Healthy"
    assert health.latency is not None
    assert health.latency > timedelta(0)


def test_a_degraded_server_is_not_healthy_although_it_answers_200(
    jellyfin: JellyfinSimulator, directory: UserDirectory
) -> None:
    jellyfin.configure({"mode": "setup"})

    health = directory.health()

    assert not health.ok
    assert health.detail == "200 Degraded"


@pytest.mark.parametrize(("mode", "detail"), [("failed", "503 Unhealthy"), ("loading", "503"), ("blocked", "503")])
def test_a_server_that_answers_503_is_not_healthy(
    mode: str, detail: str, jellyfin: JellyfinSimulator, directory: UserDirectory
) -> None:
    jellyfin.configure({"mode": mode})

    health = directory.health()

    assert not health.ok
    assert health.detail.startswith(detail)


def test_a_page_with_200_is_not_healthy(jellyfin: JellyfinSimulator, directory: UserDirectory) -> None:
    page = Rule(effect=Effect.STATUS, status=200, body="<html>Healthy</html>", content_type="text/html")
    jellyfin.faults.set(page)

    assert not directory.health().ok


@pytest.mark.parametrize("effect", [Effect.DOWN, Effect.HANG, Effect.RESET])
def test_no_answer_is_not_healthy(
    effect: Effect, jellyfin: JellyfinSimulator, connect: Callable[..., UserDirectory]
) -> None:
    jellyfin.faults.set(Rule(effect=effect))

    health = connect(health_timeout=timedelta(milliseconds=100)).health()

    assert not health.ok
    assert health.detail.startswith("no answer")
