"""The fake answers as the real client does: the same scenarios, the same answers, word for word."""

import asyncio
from collections.abc import Callable

import pytest
import redis

from leeward import AsyncLeeward, Leeward
from leeward.testing import FakeAsyncLeeward, FakeLeeward
from tests.integration.leeward.testing.flow_scenarios import BLOCKING, FLOWS
from tests.integration.leeward.testing.scenarios import SCENARIOS
from tests.integration.leeward.testing.sites import Awaiting, FakeSite, RealSite
from tests.integration.leeward.testing.trial import Site, Trial


@pytest.mark.parametrize("scenario", [*SCENARIOS, *FLOWS, *BLOCKING], ids=lambda scenario: scenario.__name__)
def test_the_fake_answers_as_the_real_one(
    scenario: Callable[[Trial], None], fleet: Leeward, valkey_url: str, valkey: "redis.Redis"
) -> None:
    real = answers(scenario, RealSite(fleet, valkey_url, valkey))
    fake = answers(scenario, FakeSite(FakeLeeward()))

    assert fake == real


@pytest.mark.parametrize("scenario", [*SCENARIOS, *FLOWS], ids=lambda scenario: scenario.__name__)
def test_the_fake_for_event_loops_answers_as_the_real_one(
    scenario: Callable[[Trial], None], valkey_url: str, valkey: "redis.Redis"
) -> None:
    fake = FakeAsyncLeeward()
    with asyncio.Runner() as runner:
        client = AsyncLeeward(valkey_url)
        try:
            real = answers(scenario, RealSite(Awaiting(client, runner), valkey_url, valkey))
        finally:
            runner.run(client.close())

        assert answers(scenario, FakeSite(fake, Awaiting(fake, runner))) == real


def answers(scenario: Callable[[Trial], None], site: Site) -> list[object]:
    trial = Trial(site)
    scenario(trial)
    assert trial.answers, "the scenario asks nothing"
    return trial.answers
