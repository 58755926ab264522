"""Guards of real worker processes that are killed, stopped, cut off, or sick alone."""

import signal
import sys
from collections.abc import Callable

import pytest
import redis

from broker.guards.config import GuardConfig
from broker.guards.store import Guards, GuardState
from leeward.wire.keys import ProviderKeys
from tests.chaos.fleet import QUEUE, FleetUnderTest, jobs
from tests.chaos.provider_under_test import ProviderUnderTest, provider_under_test
from tests.support.processes import RunningProcess
from tests.support.servers import connect_valkey
from tests.support.waiting import wait_until
from workers.embedded import EmbeddedValkey

pytestmark = pytest.mark.chaos

Start = Callable[..., RunningProcess]
STREAK = GuardConfig().streak


def start_worker(start_process: Start, url: str, port: int, *options: str) -> RunningProcess:
    process = start_process([sys.executable, "-m", "tests.chaos.guarded_worker", url, str(port), *options])
    process.wait_for_output("working")
    return process


def guards(client: "redis.Redis") -> GuardState:
    return Guards(client, QUEUE).state()


def happened(client: "redis.Redis") -> list[str]:
    return [transition.event for transition in Guards(client, QUEUE).transitions()]


def wait_for_calls(provider: ProviderUnderTest, n: int) -> None:
    wait_until(lambda: sum(provider.calls.values()) >= n, description=f"{n} calls", timeout=20)


@pytest.mark.parametrize("options", [("--limit", "3"), ("--limit", "9", "--own-limit", "3")])
def test_a_limit_of_three_holds_while_permit_holders_are_killed(
    fleet: FleetUnderTest, start_process: Start, options: tuple[str, ...]
) -> None:
    with provider_under_test(seconds=0.05) as provider:
        workers = [start_worker(start_process, fleet.url, provider.port, *options) for _ in range(2)]
        ids = fleet.enqueue("call", *jobs(120))
        for number, n in enumerate((15, 45)):
            wait_for_calls(provider, n)
            workers[number].kill()
            workers.append(start_worker(start_process, fleet.url, provider.port, *options))

        assert fleet.wait_until_all_ended(ids) == {"done": 120}
        if not any("permits_overrun" in worker.output for worker in workers):
            # A machine that gave a worker no time for a whole lease breaks no promise: see docs/guards.md.
            assert provider.peak == 3, "used in full, and never more"
        assert set(provider.succeeded) == set(jobs(120))
        assert guards(fleet.client).in_use == 0


def test_a_stopped_holder_that_goes_on_takes_nobodys_permit(fleet: FleetUnderTest, start_process: Start) -> None:
    with provider_under_test(seconds=1.0) as provider:
        sleeper = start_worker(start_process, fleet.url, provider.port, "--limit", "1")
        (job,) = fleet.enqueue("call", "job")
        wait_for_calls(provider, 1)
        sleeper.send(signal.SIGSTOP)
        provider.seconds = 3.0
        other = start_worker(start_process, fleet.url, provider.port, "--limit", "1", "--host", "beta")
        wait_for_calls(provider, 2)
        taken = fleet.lease_of(job)

        sleeper.send(signal.SIGCONT)
        sleeper.wait_for_output("settled_too_late")
        sleeper.wait_for_output("permits_overrun")

        assert taken == f"2@beta:{other.pid}"
        assert fleet.lease_of(job) == taken
        assert guards(fleet.client).in_use == 1
        assert fleet.wait_until_all_ended([job]) == {"done": 1}
        assert "permits_overrun" not in other.output
        assert provider.peak == 1
        assert guards(fleet.client).in_use == 0


def test_a_worker_that_can_reach_nothing_is_held_alone_and_the_others_go_on(
    fleet: FleetUnderTest, start_process: Start
) -> None:
    with provider_under_test(seconds=0.02) as provider:
        start_worker(start_process, fleet.url, 0, "--host", "sick", "--open-for", "30")
        start_worker(start_process, fleet.url, provider.port, "--host", "healthy", "--open-for", "30")
        # While one host alone asks for jobs, its failures are those of all.
        asked = ProviderKeys(QUEUE).root + "workers"
        wait_until(lambda: fleet.client.zcard(asked) == 2, description="both workers have asked for jobs")
        ids = []
        for number in range(15):
            ids += fleet.enqueue("call", *jobs(10, f"wave-{number}"))
            wait_until(
                lambda: sum(provider.calls.values()) >= len(ids) - 10,  # noqa: B023 # called at once
                description="the healthy worker at work",
                timeout=10,
            )

        assert fleet.wait_until_all_ended(ids) == {"done": 150}
        state = guards(fleet.client)
        assert set(state.sick) == {"sick"}
        assert state.state == "closed"
        assert happened(fleet.client) == ["worker_held"]
        assert fleet.letters() == []


def test_an_outage_costs_no_attempt_and_drains_by_itself(fleet: FleetUnderTest, start_process: Start) -> None:
    limit = 8
    with provider_under_test(seconds=0.01) as provider:
        provider.down = True
        for host in ("alpha", "beta"):
            start_worker(start_process, fleet.url, provider.port, "--host", host, "--limit", str(limit))
        ids = fleet.enqueue("call", *jobs(100))
        wait_until(
            lambda: happened(fleet.client).count("half_opened") >= 2, description="two rounds of probes", timeout=15
        )
        calls_while_down = sum(provider.calls.values())
        probes = Guards(fleet.client, QUEUE).counts()["probes"]
        # A host that failed alone is held back before the circuit opens.
        verdicts = happened(fleet.client).count("worker_held") + 1

        provider.down = False

        assert fleet.wait_until_all_ended(ids) == {"done": 100}
        assert fleet.letters() == []
        assert calls_while_down - probes <= verdicts * (STREAK - 1 + limit), "what led to a verdict, and what ran then"
        assert guards(fleet.client).state == "closed"


def test_a_half_open_circuit_lets_two_probes_through_in_the_whole_fleet(
    fleet: FleetUnderTest, start_process: Start
) -> None:
    with provider_under_test(seconds=0.01) as provider:
        provider.down = True
        for host in ("alpha", "beta", "gamma"):
            start_worker(start_process, fleet.url, provider.port, "--host", host, "--open-for", "0.3")
        fleet.enqueue("call", *jobs(60))
        wait_until(lambda: happened(fleet.client).count("opened") >= 1, description="an open circuit", timeout=15)
        wait_until(lambda: guards(fleet.client).in_use == 0, description="what ran to end", timeout=15)
        provider.seconds, provider.peak = 0.5, 0

        wait_until(lambda: happened(fleet.client).count("opened") >= 4, description="rounds of probes", timeout=30)

        assert 1 <= provider.peak <= 2


def test_an_open_circuit_survives_a_restart_of_valkey(
    mortal_fleet: FleetUnderTest, own_valkey: EmbeddedValkey, start_process: Start
) -> None:
    fleet = mortal_fleet
    with provider_under_test(seconds=0.01) as provider:
        provider.down = True
        start_worker(start_process, fleet.url, provider.port, "--open-for", "60")
        ids = fleet.enqueue("call", *jobs(20))
        wait_until(lambda: guards(fleet.client).state == "open", description="an open circuit", timeout=15)
        wait_until(lambda: guards(fleet.client).in_use == 0, description="the last failures", timeout=15)
        before = guards(fleet.client)
        calls = sum(provider.calls.values())

        own_valkey.stop()
        own_valkey.start()

        after = guards(fleet.client)
        assert (after.state, after.until, after.cause) == (before.state, before.until, before.cause)
        provider.down = False
        assert sum(provider.calls.values()) == calls
        with connect_valkey(own_valkey.url) as client:
            Guards(client, QUEUE).probed(healthy=True, detail="200")
        assert fleet.wait_until_all_ended(ids) == {"done": 20}


def test_a_valkey_that_lost_everything_is_told_the_guards_again(
    mortal_fleet: FleetUnderTest, own_valkey: EmbeddedValkey, start_process: Start
) -> None:
    fleet = mortal_fleet
    with provider_under_test(seconds=0.01) as provider:
        start_worker(start_process, fleet.url, provider.port, "--limit", "3")
        assert guards(fleet.client).config.limit == 3
        fleet.client.flushall()
        own_valkey.stop()
        own_valkey.start()

        wait_until(lambda: guards(fleet.client).config.limit == 3, description="the declared limit", timeout=15)

        assert fleet.wait_until_all_ended(fleet.enqueue("call", *jobs(10))) == {"done": 10}
        assert provider.peak <= 3
