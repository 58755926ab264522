"""An account is brought into the desired state, whatever state it is in, and twice is once."""

import json
from dataclasses import replace

import pytest
from pydantic import SecretStr

from leeward.extension.errors import Permanent
from leeward.jobs.sync.user import UserState
from providers.jellyfin.user_directory import UserDirectory
from simulators.faults import Rule
from simulators.jellyfin.server import JellyfinSimulator

ENABLED, DISABLED = UserState.ENABLED, UserState.DISABLED
PASSWORD = SecretStr("correct horse battery staple")


def has_password(jellyfin: JellyfinSimulator, name: str, password: str) -> bool:
    account = jellyfin.accounts.named(name)
    return account is not None and account.password == password


def test_a_missing_user_is_created_with_the_given_password(
    jellyfin: JellyfinSimulator, directory: UserDirectory
) -> None:
    result = directory.ensure_user("alice", ENABLED, PASSWORD)

    account = jellyfin.accounts.named("alice")
    assert account is not None
    assert result == {"user": "alice", "user_id": account.id, "state": "enabled", "changes": ["created", "password"]}
    assert has_password(jellyfin, "alice", PASSWORD.get_secret_value())
    assert not account.policy["IsDisabled"]


def test_a_result_holds_no_secret(directory: UserDirectory) -> None:
    assert PASSWORD.get_secret_value() not in json.dumps(directory.ensure_user("alice", ENABLED, PASSWORD))


def test_a_new_user_without_a_given_password_gets_a_random_one(
    jellyfin: JellyfinSimulator, directory: UserDirectory
) -> None:
    directory.ensure_user("alice", ENABLED)
    directory.ensure_user("bob", ENABLED)

    passwords = [jellyfin.accounts.account(name).password or "" for name in ("alice", "bob")]
    assert all(len(password) >= 32 for password in passwords)
    assert passwords[0] != passwords[1]


def test_an_account_never_stands_without_a_password(jellyfin: JellyfinSimulator, directory: UserDirectory) -> None:
    directory.ensure_user("alice", ENABLED, PASSWORD)

    events = [entry["event"] for entry in jellyfin.record.entries()]
    assert events == ["user_created", "password_set", "password_set"]


def test_doing_it_twice_changes_nothing(jellyfin: JellyfinSimulator, directory: UserDirectory) -> None:
    directory.ensure_user("alice", ENABLED)
    before = jellyfin.state()

    result = directory.ensure_user("alice", ENABLED)

    assert result["changes"] == []
    assert jellyfin.state() == before
    assert jellyfin.record.counts()["user_created"] == 1


def test_a_user_is_disabled_and_enabled_again(jellyfin: JellyfinSimulator, directory: UserDirectory) -> None:
    directory.ensure_user("alice", ENABLED)

    assert directory.ensure_user("alice", DISABLED)["changes"] == ["disabled"]
    assert jellyfin.accounts.account("alice").policy["IsDisabled"]
    assert directory.ensure_user("alice", ENABLED)["changes"] == ["enabled"]
    assert not jellyfin.accounts.account("alice").policy["IsDisabled"]


def test_disabling_a_missing_user_does_nothing(jellyfin: JellyfinSimulator, directory: UserDirectory) -> None:
    result = directory.ensure_user("nobody", DISABLED)

    assert result == {"user": "nobody", "user_id": None, "state": "disabled", "changes": []}
    assert jellyfin.record.counts() == {}


def test_a_duplicate_name_is_adopted(jellyfin: JellyfinSimulator, directory: UserDirectory) -> None:
    directory.ensure_user("alice", ENABLED)
    directory.ensure_user("alice", DISABLED)

    result = directory.ensure_user("alice", ENABLED, PASSWORD)

    assert result["changes"] == ["enabled", "password"]
    assert has_password(jellyfin, "alice", PASSWORD.get_secret_value())
    assert jellyfin.record.counts()["user_created"] == 1


def test_a_duplicate_name_in_another_case_is_adopted_under_its_own_spelling(
    jellyfin: JellyfinSimulator, directory: UserDirectory
) -> None:
    created = directory.ensure_user("Zoë", ENABLED)

    adopted = directory.ensure_user("ZOË", ENABLED, PASSWORD)

    assert (adopted["user"], adopted["user_id"]) == ("Zoë", created["user_id"])
    assert has_password(jellyfin, "Zoë", PASSWORD.get_secret_value())


def test_an_adopted_user_keeps_its_password_when_none_is_given(
    jellyfin: JellyfinSimulator, directory: UserDirectory
) -> None:
    directory.ensure_user("alice", ENABLED, PASSWORD)

    directory.ensure_user("alice", ENABLED)

    assert has_password(jellyfin, "alice", PASSWORD.get_secret_value())


def test_a_policy_keeps_every_field_that_came(jellyfin: JellyfinSimulator, directory: UserDirectory) -> None:
    directory.ensure_user("alice", ENABLED)
    policy = jellyfin.accounts.account("alice").policy
    policy |= {"EnableAllFolders": False, "EnabledFolders": ["f" * 32], "IsHidden": False, "MaxParentalRating": 12}
    before = dict(policy)

    directory.ensure_user("alice", DISABLED)

    assert jellyfin.accounts.account("alice").policy == before | {"IsDisabled": True}


def test_a_policy_that_is_right_is_not_posted_so_that_lyric_management_survives(
    jellyfin: JellyfinSimulator, directory: UserDirectory
) -> None:
    directory.ensure_user("alice", ENABLED)
    jellyfin.accounts.account("alice").policy["EnableLyricManagement"] = True

    directory.ensure_user("alice", ENABLED, PASSWORD)

    assert jellyfin.accounts.account("alice").policy["EnableLyricManagement"]
    assert "policy_set" not in jellyfin.record.counts()


def test_an_administrator_is_never_given_a_password(jellyfin: JellyfinSimulator, directory: UserDirectory) -> None:
    with pytest.raises(Permanent, match="administrator"):
        directory.ensure_user("Admin", ENABLED, PASSWORD)

    assert has_password(jellyfin, "admin", "admin")


def test_an_administrator_cannot_be_disabled_says_the_server(directory: UserDirectory) -> None:
    with pytest.raises(Permanent, match="Administrators cannot be disabled"):
        directory.ensure_user("admin", DISABLED)


@pytest.mark.parametrize("name", [" alice", "a/b", "alice\n", "x²"])
def test_a_name_that_jellyfin_refuses_is_not_even_sent(
    name: str, jellyfin: JellyfinSimulator, directory: UserDirectory
) -> None:
    with pytest.raises(Permanent, match="no user name for Jellyfin"):
        directory.ensure_user(name, ENABLED)

    assert jellyfin.record.counts() == {}


def test_an_empty_password_is_refused(jellyfin: JellyfinSimulator, directory: UserDirectory) -> None:
    with pytest.raises(Permanent, match="empty"):
        directory.ensure_user("alice", ENABLED, SecretStr(""))

    assert jellyfin.record.counts() == {}


def test_a_used_account_without_a_password_is_left_alone(jellyfin: JellyfinSimulator, directory: UserDirectory) -> None:
    directory.ensure_user("child", ENABLED)
    jellyfin.accounts.account("child").password = None
    jellyfin.accounts.log_in("child", "")

    assert directory.ensure_user("child", ENABLED)["changes"] == []
    assert jellyfin.accounts.account("child").password is None


def test_a_user_is_looked_up_in_the_list_once(jellyfin: JellyfinSimulator, directory: UserDirectory) -> None:
    for name in ("alice", "bob"):
        jellyfin.accounts.create(name, "secret", commit_delay_seconds=0, crash=False)
    jellyfin.faults.set(Rule(operation="GET /Users"))

    changes = [directory.ensure_user(name, DISABLED)["changes"] for name in ("alice", "bob", "ALICE", "Bob")]

    assert changes == [["disabled"], ["disabled"], [], []]
    assert jellyfin.faults.describe()[0]["hits"] == 1


@pytest.mark.parametrize("renamed", [True, False])
def test_a_user_who_was_renamed_or_made_anew_meanwhile_is_found_again(
    renamed: bool, jellyfin: JellyfinSimulator, directory: UserDirectory
) -> None:
    first = directory.ensure_user("alice", ENABLED)["user_id"]
    account = jellyfin.accounts.get(first)
    jellyfin.accounts.delete(account)
    if renamed:
        jellyfin.accounts.add(replace(account, name="alice before"))
    second = jellyfin.accounts.create("alice", "secret", commit_delay_seconds=0, crash=False)

    assert directory.ensure_user("alice", DISABLED)["user_id"] == second.id
    assert not account.policy["IsDisabled"]
