"""An account that is given until an instant is there until then, and is disabled once."""

from datetime import UTC, datetime, timedelta

from leeward import JobState, SyncUser
from tests.support.fleets.fleet import Fleet
from tests.support.fleets.fleet_host import Host
from tests.support.waiting import wait_until


def test_an_account_whose_time_is_over_is_disabled_once_however_many_schedulers_run(fleet: Fleet, host: Host) -> None:
    expires_at = datetime.now(UTC) + timedelta(seconds=8)
    lasting = fleet.client.enqueue(SyncUser(user="lasting", expires_at=expires_at + timedelta(days=30)))
    passing = fleet.client.enqueue(SyncUser(user="Passing", expires_at=expires_at))
    for job in (lasting, passing):
        fleet.wait_for(job.job_id, JobState.DONE)
    assert _accounts(fleet) == {"lasting": "active", "Passing": "active"}
    assert not fleet.jellyfin.record.entries("user_disabled")
    wait_until(lambda: datetime.now(UTC) > expires_at, description="the account's time to be over")

    for _ in range(2):
        fleet.start_scheduler(expiry_schedule="1s").wait_for_output('"scheduler_started"', timeout=40)

    wait_until(lambda: fleet.jellyfin.record.entries("user_disabled"), description="an account disabled", timeout=90)
    wait_until(lambda: _done(host, "sync.user") == 3, description="the job that disabled it to be done")
    wait_until(
        lambda: _accounts(fleet) == {"lasting": "active", "Passing": "disabled"},
        description="the book to say what the provider has confirmed",
    )
    ticks = _done(host, "expire.accounts")
    wait_until(lambda: _done(host, "expire.accounts") > ticks + 1, description="further ticks")
    assert _disabled(fleet) == ["Passing"]
    assert _done(host, "sync.user") == 3


def _accounts(fleet: Fleet) -> dict[str, str]:
    return dict(fleet.query("SELECT user_name, state FROM accounts"))


def _disabled(fleet: Fleet) -> list[str]:
    return [entry["name"] for entry in fleet.jellyfin.record.entries("user_disabled")]


def _done(host: Host, actor: str) -> float:
    return host.metric("leeward_deliveries_total", actor=actor, outcome="done")
