"""`leeward accounts list`, and the same from Python."""

from datetime import UTC, datetime, timedelta

import pytest
from pydantic import SecretStr
from sqlalchemy import Connection

from console.cli.exit_code import ExitCode
from leeward_admin import AccountState, Settings, fleet
from storage.accounts.accounts import confirm, record
from storage.accounts.claims import claim, failed
from tests.acceptance.console.leeward import Command

ENDED = datetime.now(UTC) - timedelta(hours=3)
NONE = timedelta(0)


@pytest.fixture
def several(connection: Connection) -> None:
    """One of each state."""
    with connection.begin():
        for user in ("disabled", "failed", "expiring"):
            record(connection, "jellyfin", user, ENDED)
        claim(connection, "jellyfin")
        confirm(connection, "jellyfin", "disabled", disabled=True, took=NONE)
        (account,) = (
            found
            for found in claim(connection, "jellyfin", datetime.now(UTC) + timedelta(hours=1))
            if found.user == "failed"
        )
        failed(connection, account, "job 1 is dead: permanent\x1b[2J")
        for user in ("active", "pending"):
            record(connection, "plex", user, datetime.now(UTC) + timedelta(days=1))
        confirm(connection, "plex", "active", disabled=False, took=NONE)


@pytest.mark.usefixtures("several")
def test_accounts_are_listed_by_what_is_confirmed(leeward: Command, database_url: str) -> None:
    everything = leeward("accounts", "list", "--json").json()
    chosen = leeward("accounts", "list", "--state", "failed", "--state", "expiring", "--json").json()
    text = leeward("accounts", "list", "--provider", "jellyfin")

    assert {entry["user"]: entry["state"] for entry in everything["accounts"]} == {
        "disabled": "disabled",
        "failed": "failed",
        "expiring": "expiring",
        "active": "active",
        "pending": "pending_sync",
    }
    assert everything["unconfirmed_ends"] == 2
    assert [entry["user"] for entry in chosen["accounts"]] == ["expiring", "failed"]
    assert r"job 1 is dead: permanent\x1b[2J" in text.out
    assert "Expired and not confirmed as disabled: 2." in text.err
    assert "active" not in text.out
    with fleet(Settings(database_url=SecretStr(database_url))) as admin:
        (entry,) = admin.accounts.list([AccountState.FAILED])
    assert (entry.user, entry.asks) == ("failed", 2)


def test_no_account_and_a_wrong_state_are_told(leeward: Command) -> None:
    assert "No account matches." in leeward("accounts", "list").err
    assert "pending_sync" in leeward("accounts", "list", "--state", "gone", expect=ExitCode.USAGE).err
