"""An instance that is switched off in the settings of a host that runs for real, and switched on by a command."""

import pytest

from broker.guards.store import Guards
from leeward import JobState, ProviderDisabled, SyncUser
from tests.support.fleets.fleet import Fleet
from tests.support.servers import connect_valkey
from tests.support.waiting import wait_until


@pytest.mark.timeout(180)
def test_a_provider_that_is_off_keeps_its_jobs_and_does_them_when_it_is_switched_on(fleet: Fleet) -> None:
    waiting = fleet.client.enqueue(SyncUser(user="early")).job_id
    host = fleet.start_host(jellyfin_enabled="false").wait_until_ready()

    with connect_valkey(fleet.valkey_url) as client:
        guards = Guards(client, "jellyfin")
        wait_until(lambda: not guards.config().enabled, description="the worker to declare that it is off", timeout=30)
        with pytest.raises(ProviderDisabled):
            fleet.client.enqueue(SyncUser(user="late"))
        assert host.metric("leeward_provider_enabled", provider="jellyfin") == 0
        assert fleet.client.status(waiting).state is JobState.READY

        guards.set("test", enabled=True)
        fleet.wait_for(waiting, JobState.DONE)
        fleet.wait_for(fleet.client.enqueue(SyncUser(user="late")).job_id, JobState.DONE)

    assert fleet.dead_letters() == {}
    host.clean_up()
