"""What an account may do is changed field by field, and nothing of it is lost or posted without need."""

import pytest
from pydantic import SecretStr

from leeward.extension.errors import Permanent
from leeward.jobs.sync.user import UserState
from providers.jellyfin.user_directory import UserDirectory
from simulators.jellyfin.server import JellyfinSimulator

FOLDER = "F137A2DD-21BB-C1B9-9AA5-C0F6BF02A805"
WANTED = {"EnableAllFolders": False, "EnabledFolders": [FOLDER], "MaxActiveSessions": 2}


def test_a_new_account_has_its_policy_before_its_password(
    jellyfin: JellyfinSimulator, directory: UserDirectory
) -> None:
    result = directory.ensure_user("alice", UserState.ENABLED, SecretStr("correct horse"), policy=WANTED)

    account = jellyfin.accounts.account("alice")
    assert result["changes"] == ["created", "policy", "password"]
    assert {name: account.policy[name] for name in WANTED} == WANTED
    assert account.policy["EnableSharedDeviceControl"] is True  # of a new account; the default of a policy is False
    assert [one["event"] for one in jellyfin.record.entries()][-2:] == ["policy_set", "password_set"]


def test_a_policy_that_is_so_already_is_not_posted(jellyfin: JellyfinSimulator, directory: UserDirectory) -> None:
    directory.ensure_user("alice", UserState.ENABLED, policy=WANTED)
    jellyfin.accounts.account("alice").policy["EnabledFolders"] = [FOLDER.replace("-", "").lower()]
    posted = jellyfin.record.counts()["policy_set"]

    assert directory.ensure_user("alice", UserState.ENABLED, policy=WANTED)["changes"] == []
    assert jellyfin.record.counts()["policy_set"] == posted


def test_an_account_can_be_made_that_nobody_may_use_yet(jellyfin: JellyfinSimulator, directory: UserDirectory) -> None:
    result = directory.ensure_user("alice", UserState.DISABLED, SecretStr("correct horse"), create=True)
    enabled = directory.ensure_user("alice", UserState.ENABLED, create=False)

    assert result["changes"] == ["created", "disabled", "password"]
    assert enabled["changes"] == ["enabled"]
    assert jellyfin.accounts.account("alice").password == "correct horse"
    assert directory.ensure_user("bob", UserState.ENABLED, create=False)["user_id"] is None


def test_a_name_that_is_in_use_is_not_taken_over(jellyfin: JellyfinSimulator, directory: UserDirectory) -> None:
    directory.ensure_user("alice", UserState.ENABLED, SecretStr("mine"))
    directory.ensure_user("alice", UserState.ENABLED, SecretStr("still mine"), take_over=False)
    jellyfin.accounts.log_in("alice", "still mine")

    with pytest.raises(Permanent, match="taken"):
        directory.ensure_user("Alice", UserState.ENABLED, SecretStr("theirs"), take_over=False)
    assert jellyfin.accounts.account("alice").password == "still mine"
    assert directory.ensure_user("alice", UserState.ENABLED, take_over=False)["changes"] == []


@pytest.mark.parametrize(
    ("policy", "said"),
    [
        ({"IsDisabled": True}, "say it with `state`"),
        ({"IsAdministrator": True}, "administrators are made in the dashboard"),
        ({"EnableAllFolder": False}, "did you mean 'EnableAllFolders'"),
    ],
)
def test_a_policy_that_the_server_would_drop_or_that_is_not_ours_is_refused(
    jellyfin: JellyfinSimulator, directory: UserDirectory, policy: dict[str, object], said: str
) -> None:
    with pytest.raises(Permanent, match=said):
        directory.ensure_user("alice", UserState.ENABLED, policy=policy)
    assert jellyfin.accounts.named("alice") is None


def test_an_administrators_policy_is_not_ours(directory: UserDirectory) -> None:
    with pytest.raises(Permanent, match="its policy is not ours"):
        directory.ensure_user("admin", UserState.ENABLED, policy=WANTED)
