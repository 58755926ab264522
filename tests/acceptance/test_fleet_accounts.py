"""Jellyfin cannot be reached: who registers meanwhile is approved, whose time is over is disabled, and both are so at Jellyfin later."""

from datetime import UTC, datetime, timedelta

from pydantic import SecretStr

from leeward import JobState, RegisterAccount, SyncUser
from simulators.faults import Effect, Rule
from tests.support.fleets.fleet import Fleet
from tests.support.waiting import wait_until


def test_an_outage_delays_what_providers_know_and_not_what_is_decided(fleet: Fleet) -> None:
    host = fleet.start_host(log_level="debug", accounts_wait="20s").wait_until_ready()
    expires_at = datetime.now(UTC) + timedelta(seconds=6)
    passing = fleet.client.enqueue(SyncUser(user="Passing", expires_at=expires_at))
    fleet.wait_for(passing.job_id, JobState.DONE)
    fleet.jellyfin.faults.set(Rule(effect=Effect.DOWN))
    fleet.start_scheduler(expiry_schedule="1s").wait_for_output('"scheduler_started"', timeout=40)

    job = RegisterAccount(user="newcomer", password=SecretStr("correct horse"))
    result = fleet.client.result(fleet.client.enqueue(job).job_id, timeout=timedelta(seconds=60))

    assert result["approval"] == "here"
    wait_until(
        lambda: _accounts(fleet) == {("Passing", "disabled", "pending_sync"), ("newcomer", "enabled", "pending_sync")},
        description="both to be decided here",
        timeout=60,
    )
    assert not fleet.jellyfin.record.entries("user_disabled")
    assert fleet.jellyfin.accounts.named("newcomer") is None

    fleet.jellyfin.faults.reset()

    wait_until(
        lambda: _accounts(fleet) == {("Passing", "disabled", "disabled"), ("newcomer", "enabled", "active")},
        description="Jellyfin to have confirmed both",
        timeout=90,
    )
    assert fleet.jellyfin.accounts.account("newcomer").password == "correct horse"
    assert [entry["name"] for entry in fleet.jellyfin.record.entries("user_disabled")] == ["Passing"]
    assert _steps(fleet, "newcomer")[-1] == "confirmed"
    assert _steps(fleet, "passing")[-3:] == ["disabled_here", "asked", "confirmed"]
    assert "correct horse" not in host.process.output


def _accounts(fleet: Fleet) -> set[tuple[str, ...]]:
    return set(fleet.query("SELECT user_name, wanted, state FROM accounts"))


def _steps(fleet: Fleet, user: str) -> list[str]:
    return [step for (step,) in fleet.query("SELECT step FROM account_steps WHERE user_key = %s ORDER BY id", user)]
