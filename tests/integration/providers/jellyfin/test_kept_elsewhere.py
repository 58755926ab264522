"""An account whose password another system keeps is told apart from a server that fails."""

import pytest
from pydantic import SecretStr

from leeward.extension.errors import ProviderError, TargetUnavailable, Transient
from leeward.jobs.sync.user import UserState
from providers.jellyfin.user_directory import UserDirectory
from simulators.faults import Effect, Rule
from simulators.jellyfin.accounts import Account
from simulators.jellyfin.server import JellyfinSimulator

LDAP = "Jellyfin.Plugin.LDAP_Auth.LdapAuthenticationProviderPlugin"
SSO = "Jellyfin.Plugin.SSO_Auth.Api.SSOController"
OWN = "Jellyfin.Server.Implementations.Users.DefaultAuthenticationProvider"
PASSWORD = SecretStr("correct horse battery staple")


def refused_password(jellyfin: JellyfinSimulator, directory: UserDirectory, keeper: str, status: int) -> ProviderError:
    account = Account("alice", password="old")
    account.policy["AuthenticationProviderId"] = keeper
    jellyfin.accounts.add(account)
    jellyfin.faults.set(Rule(operation="POST /Users/Password", effect=Effect.STATUS, status=status))
    with pytest.raises(ProviderError) as caught:
        directory.ensure_user("alice", UserState.ENABLED, PASSWORD)
    return caught.value


@pytest.mark.parametrize("keeper", [LDAP, SSO, "Other.Plugin"])
def test_a_500_to_the_password_of_an_account_kept_elsewhere_is_about_that_account(
    jellyfin: JellyfinSimulator, directory: UserDirectory, keeper: str
) -> None:
    error = refused_password(jellyfin, directory, keeper, 500)

    assert type(error) is TargetUnavailable
    assert (error.status, error.operation) == (500, "set_password")
    assert "'alice'" in str(error)
    assert keeper in str(error)
    assert PASSWORD.get_secret_value() not in str(error)


@pytest.mark.parametrize(
    ("keeper", "status"), [(LDAP, 502), (LDAP, 503), (LDAP, 504), (OWN, 500), ("", 500), (OWN, 502)]
)
def test_a_proxys_answer_or_that_of_jellyfins_own_account_may_be_an_outage(
    jellyfin: JellyfinSimulator, directory: UserDirectory, keeper: str, status: int
) -> None:
    error = refused_password(jellyfin, directory, keeper, status)

    assert type(error) is not TargetUnavailable
    assert isinstance(error, Transient) or status == 503
