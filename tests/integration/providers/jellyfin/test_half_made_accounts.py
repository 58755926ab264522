"""Jellyfin commits an account before its password. One that was left without is given one when it is adopted."""

from datetime import UTC, datetime

import pytest
from pydantic import SecretStr

from leeward.jobs.sync.user import UserState
from providers.jellyfin.user_directory import UserDirectory
from simulators.jellyfin.server import JellyfinSimulator

VERSIONS = ["10.10.7", "10.11.11", "12.0.0", "12.0.0-rc5", "13.1.0"]
TELLS = ("10.10.7", "10.11.11")


def changes(directory: UserDirectory, password: SecretStr | None = None) -> list[str]:
    done: list[str] = directory.ensure_user("alice", UserState.ENABLED, password)["changes"]
    return done


@pytest.fixture(params=VERSIONS)
def version(request: pytest.FixtureRequest, jellyfin: JellyfinSimulator) -> str:
    jellyfin.configure({"version": request.param})
    return str(request.param)


@pytest.mark.usefixtures("version")
def test_an_account_without_a_password_that_nobody_used_gets_one(
    jellyfin: JellyfinSimulator, directory: UserDirectory
) -> None:
    jellyfin.accounts.create("alice", None, commit_delay_seconds=0, crash=False)

    assert changes(directory) == ["password"]
    assert jellyfin.accounts.account("alice").password


def test_an_account_with_a_password_keeps_it_where_the_server_tells_that_it_has_one(
    version: str, jellyfin: JellyfinSimulator, directory: UserDirectory
) -> None:
    jellyfin.accounts.create("alice", "hers", commit_delay_seconds=0, crash=False)

    assert changes(directory) == ([] if version in TELLS else ["password"])
    assert (jellyfin.accounts.account("alice").password == "hers") is (version in TELLS)


@pytest.mark.usefixtures("version")
def test_an_account_that_somebody_used_keeps_what_it_has(jellyfin: JellyfinSimulator, directory: UserDirectory) -> None:
    jellyfin.accounts.create("alice", "hers", commit_delay_seconds=0, crash=False)
    jellyfin.accounts.account("alice").last_login = datetime.now(UTC)

    assert changes(directory) == []
    assert jellyfin.accounts.account("alice").password == "hers"


@pytest.mark.usefixtures("version")
def test_a_password_of_the_job_is_set_once(jellyfin: JellyfinSimulator, directory: UserDirectory) -> None:
    jellyfin.accounts.create("alice", None, commit_delay_seconds=0, crash=False)

    assert changes(directory, SecretStr("hers")) == ["password"]
    assert jellyfin.accounts.account("alice").password == "hers"


@pytest.mark.usefixtures("version")
@pytest.mark.parametrize(
    "policy", [{"IsAdministrator": True}, {"AuthenticationProviderId": "Jellyfin.Plugin.LDAP_Auth"}]
)
def test_passwords_of_administrators_and_of_other_keepers_are_left_alone(
    policy: dict[str, object], jellyfin: JellyfinSimulator, directory: UserDirectory
) -> None:
    jellyfin.accounts.create("alice", "hers", commit_delay_seconds=0, crash=False)
    jellyfin.accounts.account("alice").policy |= policy

    assert changes(directory) == []
    assert jellyfin.accounts.account("alice").password == "hers"


@pytest.mark.usefixtures("version")
def test_an_account_that_was_created_just_now_has_its_password(
    jellyfin: JellyfinSimulator, directory: UserDirectory
) -> None:
    assert changes(directory) == ["created"]
    assert jellyfin.accounts.account("alice").password
