"""Guard numbers from the environment in a host that runs for real: in force, measured, and refused when they cannot be."""

import pytest

from leeward import JobState, SyncUser
from simulators.faults import Rule
from tests.support.fleets.fleet import Fleet
from tests.support.waiting import wait_until

QUEUE = "sync.jellyfin"


@pytest.mark.timeout(180)
def test_an_actors_limit_from_the_environment_holds_over_all_processes_and_shows_in_the_metrics(fleet: Fleet) -> None:
    host = fleet.start_host(guard_sync_user_limit="1", guard_jellyfin_limit="5").wait_until_ready()
    fleet.jellyfin.faults.set(Rule(latency_ms=100))
    jobs = [fleet.client.enqueue(SyncUser(user=f"limited-{number}")).job_id for number in range(6)]

    wait_until(
        lambda: host.metric("leeward_throttled_seconds_total", queue=QUEUE, why="actor_full") > 0,
        description="time that the actor's limit took",
        timeout=30,
    )
    assert host.metric("leeward_actor_permit_limit", queue=QUEUE) == 1
    assert host.metric("leeward_actor_permits_in_use", queue=QUEUE) <= 1
    assert host.metric("leeward_permit_limit", provider="jellyfin") == 5
    for job in jobs:
        fleet.wait_for(job, JobState.DONE)

    assert host.metric("leeward_turned_away_total", queue=QUEUE, why="actor_full") >= 1
    assert host.metric("leeward_deliveries_total", queue=QUEUE, outcome="done") == 6
    host.clean_up()


def test_a_host_with_impossible_numbers_does_not_start_and_tells_them_all(fleet: Fleet) -> None:
    host = fleet.start_host(guard_jelyfin_limit="1", guard_smtp_limit="few", profile="prod")

    assert host.process.wait(timeout=60) == 1
    for told in (
        "LEEWARD_GUARD_JELYFIN_LIMIT is not a setting; did you mean LEEWARD_GUARD_JELLYFIN_LIMIT?",
        "LEEWARD_GUARD_SMTP_LIMIT cannot be used: limit is 'few'; write a whole number",
        "LEEWARD_PROFILE is 'prod', which cannot be used; write production, development or testing",
    ):
        assert told in host.process.output
