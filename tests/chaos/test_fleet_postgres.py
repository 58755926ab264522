"""PostgreSQL is down for a minute, a real one, while jobs die."""

import time
from functools import partial
from pathlib import Path

import pytest

from leeward import DownloadFile
from storage.database.migrate import upgrade
from tests.support.answers import accepted
from tests.support.fleets.fleet import Fleet, fleet_at
from tests.support.fleets.fleet_host import Host
from tests.support.fleets.fleet_load import Load
from tests.support.waiting import wait_until
from workers.embedded import EmbeddedPostgres

pytestmark = pytest.mark.chaos

OUTAGE_SECONDS = 60
STEPS = 10
DEATHS = 100
"""In each step."""


@pytest.mark.timeout(240)
def test_jobs_that_die_while_postgres_is_down_for_a_minute_are_in_it_once_afterwards(
    tmp_path: Path, valkey_url: str, own_postgres: EmbeddedPostgres
) -> None:
    upgrade(own_postgres.url)
    with fleet_at(tmp_path, valkey_url=valkey_url, database_url=own_postgres.url) as fleet:
        hosts = [fleet.start_host(processes="1").wait_until_ready() for _ in range(2)]
        died = _die(fleet, range(5))
        wait_until(lambda: fleet.dead_letters().keys() == died, description="the first dead letters", timeout=20)

        own_postgres.kill()
        back_at = time.monotonic() + OUTAGE_SECONDS
        load = Load(fleet, "meanwhile")
        for number in range(STEPS):
            died |= _die(fleet, range(DEATHS * (number + 1), DEATHS * (number + 2)))
            load.sync([number])
            wait_until(
                partial(_all_lag, hosts, DEATHS * (number + 1)),
                description="the metrics to show how much waits for PostgreSQL",
                timeout=30,
                interval=0.1,
            )
            assert load.ledger().is_clean
            step_ends = back_at - OUTAGE_SECONDS * (STEPS - 1 - number) / STEPS
            wait_until(partial(_is_past, step_ends), description="a tenth of the outage", timeout=10)
        wait_until(
            lambda: all(_oldest(host) > OUTAGE_SECONDS / 2 for host in hosts),
            description="the metrics to show how long the first has waited",
            timeout=30,
        )
        # The fleet's work does not need PostgreSQL, and goes on; what does is told, and nothing else.
        for host in hosts:
            (problem,) = host.problems()
            assert "PostgreSQL does not answer" in problem

        own_postgres.start()

        wait_until(lambda: len(fleet.dead_letters()) >= len(died), description="all dead letters", timeout=60)
        assert len(died) > STEPS * DEATHS
        assert fleet.dead_letters() == dict.fromkeys(died, "permanent")
        wait_until(
            lambda: [_lag(host) for host in hosts] == [(0, 1), (0, 1)], description="nothing to wait", timeout=20
        )
        assert [_oldest(host) for host in hosts] == [0, 0]
        assert [host.problems() for host in hosts] == [[], []]


def _die(fleet: Fleet, numbers: range) -> set[str]:
    """Enqueues downloads of files that do not exist."""
    jobs = [DownloadFile(url=f"{fleet.files.url}/none/{number}", destination=f"none-{number}") for number in numbers]
    return {answer.job_id for answer in accepted(fleet.client.enqueue_many(jobs))}


def _all_lag(hosts: list[Host], lag: int) -> bool:
    return all(_lag(host) == (lag, 0) for host in hosts)


def _is_past(instant: float) -> bool:
    return time.monotonic() >= instant


def _lag(host: Host) -> tuple[float, float]:
    return host.metric("leeward_outbox_entries", provider="http"), host.metric("leeward_outbox_drain_ok")


def _oldest(host: Host) -> float:
    return host.metric("leeward_outbox_oldest_seconds", provider="http")
