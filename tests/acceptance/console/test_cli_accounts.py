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


@pytest.mark.usefixtures("several")
def test_an_account_is_shown_with_every_step(leeward: Command) -> None:
    shown = leeward("accounts", "show", "FAILED").out
    document = leeward("accounts", "show", "failed", "--json").json()

    assert "wanted:       disabled" in shown
    assert r"failed: job 1 is dead: permanent\x1b[2J" in shown
    assert [step["step"] for step in document["steps"]] == ["noted", "failed"]
    assert "account book has no 'bob'" in leeward("accounts", "show", "bob", expect=ExitCode.NOT_FOUND).err


@pytest.mark.usefixtures("several")
def test_pending_accounts_are_asked_for_by_a_person(leeward: Command) -> None:
    asked = leeward("accounts", "sync", "--pending", "--json").json()
    one = leeward("accounts", "sync", "disabled", "--json").json()["requests"]
    steps = leeward("accounts", "show", "expiring", "--json").json()["steps"]

    assert {request["user"]: request["wanted"] for request in asked["requests"]} == {
        "expiring": "disabled",
        "failed": "disabled",
        "pending": "enabled",
    }
    assert [(request["user"], request["wanted"]) for request in one] == [("disabled", "disabled")]
    assert (steps[-1]["step"], steps[-1]["who"][:4]) == ("asked", "cli:")
    assert leeward("job", "show", asked["requests"][0]["job_id"], "--json").json()["kind"] == "sync.user"
    leeward("accounts", "sync", expect=ExitCode.USAGE)


@pytest.mark.usefixtures("several")
def test_an_account_gets_another_end(leeward: Command) -> None:
    answer = leeward("accounts", "extend", "disabled", "--by", "30d", "--json").json()
    shown = leeward("accounts", "show", "disabled", "--json").json()
    leeward("accounts", "extend", "active", "--never")

    assert datetime.fromisoformat(answer["expires_at"]) > datetime.now(UTC) + timedelta(days=29)
    assert (shown["wanted"], shown["state"], shown["job_id"]) == ("enabled", "pending_sync", answer["job"])
    assert [step["step"] for step in shown["steps"]][-2:] == ["extended", "asked"]
    assert leeward("accounts", "show", "active", "--json").json()["expires_at"] is None
    assert "no end" in leeward("accounts", "extend", "active", "--by", "1d", expect=ExitCode.CONFLICT).err
    past = "2020-01-01T00:00:00+00:00"
    assert "is over" in leeward("accounts", "extend", "active", "--until", past, expect=ExitCode.USAGE).err
    leeward("accounts", "extend", "active", expect=ExitCode.USAGE)
