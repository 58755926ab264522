"""Which state a sync job brings about now."""

from datetime import UTC, datetime, timedelta

import pytest

from actors.accounts.account_sync import wanted_state
from leeward.jobs.sync.user import SyncUser, UserState

NOW = datetime(2026, 11, 23, tzinfo=UTC)
SECOND = timedelta(seconds=1)


@pytest.mark.parametrize("state", list(UserState))
@pytest.mark.parametrize("expires_at", [None, NOW + SECOND])
def test_an_account_that_has_not_expired_gets_its_state(state: UserState, expires_at: datetime | None) -> None:
    assert wanted_state(SyncUser(user="alice", state=state, expires_at=expires_at), NOW) is state


@pytest.mark.parametrize("late", [timedelta(0), timedelta(hours=10)])
def test_a_job_that_runs_after_the_accounts_end_does_not_enable_it(late: timedelta) -> None:
    assert wanted_state(SyncUser(user="alice", expires_at=NOW - late), NOW) is UserState.DISABLED
