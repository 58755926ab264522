"""A connection to Valkey that is cut in mid-call: the step is done, its reply is lost, and permits and tokens are what they were."""

from collections.abc import Callable

import pytest

from leeward.wire.keys import ProviderKeys
from leeward.wire.script import Script
from tests.chaos.fleet import QUEUE, FleetUnderTest, jobs
from tests.chaos.provider_under_test import provider_under_test
from tests.chaos.test_guards_fleet import guards, start_worker
from tests.support.answers import raw
from tests.support.faults import FaultyProxy, faulty_proxy
from tests.support.processes import RunningProcess
from tests.support.waiting import wait_until

pytestmark = pytest.mark.chaos

Start = Callable[..., RunningProcess]
BURST = 30
OPTIONS = ("--limit", "3", "--rate", "0.001", "--burst", str(BURST))
"""A rate at which nothing is refilled while a test runs."""


def tokens(fleet: FleetUnderTest) -> float:
    return float(raw(fleet.client.hget(ProviderKeys(QUEUE).root + "bucket", "tokens")))


def lose_first_reply(fleet: FleetUnderTest, proxy: FaultyProxy, name: str) -> None:
    """The server knows the script already, so that the first request is the whole step."""
    script = Script("broker.scripts", name)
    fleet.client.script_load(script.text)
    proxy.lose_reply_to(script.digest.encode())


def wait_until_lost(proxy: FaultyProxy) -> None:
    wait_until(lambda: proxy.swallowed == 1, description="a lost reply", timeout=15)


def test_what_an_admit_leased_for_nobody_comes_back_with_its_permits(
    fleet: FleetUnderTest, start_process: Start
) -> None:
    with provider_under_test(seconds=0.05) as provider, faulty_proxy(fleet.url) as proxy:
        ids = fleet.enqueue("call", *jobs(12))
        lose_first_reply(fleet, proxy, "admit.lua")
        start_worker(start_process, proxy.url, provider.port, *OPTIONS, "--lease", "2.5")
        wait_until_lost(proxy)
        assert (guards(fleet.client).in_use, sum(provider.calls.values())) == (3, 0)

        assert fleet.wait_until_all_ended(ids) == {"done": 12}

        assert set(provider.calls.values()) == {1}
        assert provider.peak == 3, "used in full again, and never more"
        assert guards(fleet.client).in_use == 0
        assert round(tokens(fleet)) == BURST - 12 - 3, "those of the three that nobody heard of are spent once"


def test_a_settle_that_is_repeated_frees_counts_and_spends_nothing_twice(
    fleet: FleetUnderTest, start_process: Start
) -> None:
    with provider_under_test(seconds=0.05) as provider, faulty_proxy(fleet.url) as proxy:
        provider.down = True
        (job,) = fleet.enqueue("call", "fails-at-first")
        lose_first_reply(fleet, proxy, "settle.lua")
        worker = start_worker(start_process, proxy.url, provider.port, *OPTIONS)
        wait_until_lost(proxy)
        provider.down = False
        worker.wait_for_output("settled_too_late")
        assert "permits_overrun" not in worker.output, "late is what is said twice, too"
        assert fleet.wait_until_all_ended([job]) == {"done": 1}
        failed = provider.calls["fails-at-first"] - 1
        rest = fleet.enqueue("call", *jobs(12))
        assert fleet.wait_until_all_ended(rest) == {"done": 12}

        assert int(raw(fleet.client.hget(ProviderKeys(QUEUE).counts, "failed_calls"))) == failed
        assert {provider.calls[name] for name in jobs(12)} == {1}
        assert provider.peak == 3
        assert guards(fleet.client).in_use == 0
        assert round(tokens(fleet)) == BURST - sum(provider.calls.values())
