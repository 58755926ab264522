"""A set of accounts: each on its own, five after five, and what could not be done is in the result or with a job of its own."""

from collections.abc import Iterator

import pytest
from pydantic import SecretStr, ValidationError

from actors.accounts.account_set import SetOutcome, bring_all_about
from actors.accounts.account_sync import bring_about
from leeward.extension.errors import AuthFailed, ProviderError, Transient
from leeward.jobs.sync.user import SyncUser, UserState
from leeward.jobs.sync.users import SyncUsers, UserEntry
from providers.jellyfin.provider import Jellyfin
from providers.jellyfin.settings import JellyfinSettings
from simulators.faults import Effect, Rule
from simulators.jellyfin.server import JellyfinSimulator


@pytest.fixture
def simulator() -> Iterator[JellyfinSimulator]:
    with JellyfinSimulator() as running:
        yield running


@pytest.fixture
def jellyfin(simulator: JellyfinSimulator) -> Iterator[Jellyfin]:
    settings = JellyfinSettings(url=simulator.url, token=SecretStr(simulator.settings.token))
    provider = Jellyfin("jellyfin", settings)
    provider.open()
    yield provider
    provider.close()


def set_of(*entries: UserEntry) -> SyncUsers:
    return SyncUsers(users=entries)


def done(job: SyncUsers, jellyfin: Jellyfin, handed: list[SyncUser] | None = None) -> SetOutcome:
    handed = [] if handed is None else handed

    def hand_on(one: SyncUser) -> str:
        handed.append(one)
        return f"job-{len(handed)}"

    return bring_all_about(job, lambda one: bring_about(one, jellyfin), hand_on)


def test_each_account_comes_into_its_own_state(simulator: JellyfinSimulator, jellyfin: Jellyfin) -> None:
    entries = [UserEntry(user=f"user-{number}", policy={"MaxActiveSessions": number + 1}) for number in range(7)]
    done(set_of(*entries), jellyfin)

    outcome = done(
        set_of(
            UserEntry(user="user-0", state=UserState.DISABLED),
            UserEntry(user="user-1", state=UserState.DELETED),
            UserEntry(user="user-2", password=SecretStr("correct horse")),
            UserEntry(user="user-3"),
        ),
        jellyfin,
    )

    assert outcome.as_result() == {
        "numbers": {"done": 4, "handed_on": 0, "refused": 0},
        "changed": {"user-0": ["disabled"], "user-1": ["deleted"], "user-2": ["password"]},
        "handed_on": {},
        "refused": {},
    }
    assert simulator.accounts.named("user-1") is None
    assert simulator.accounts.account("user-6").policy["MaxActiveSessions"] == 7


def test_one_that_is_refused_or_fails_for_now_keeps_no_other(simulator: JellyfinSimulator, jellyfin: Jellyfin) -> None:
    simulator.faults.set(Rule(operation="POST /Users/New", effect=Effect.STATUS, status=500, times=1))
    handed: list[SyncUser] = []

    outcome = done(
        set_of(
            UserEntry(user="unlucky", password=SecretStr("kept for later")),
            UserEntry(user="admin", state=UserState.DISABLED),
            *(UserEntry(user=f"user-{number}") for number in range(5)),
        ),
        jellyfin,
        handed,
    )

    assert len(outcome.done) == 5
    assert "JELLYFIN" in outcome.handed_on["unlucky"]["why"]
    assert [(one.user, one.password and one.password.get_secret_value()) for one in handed] == [
        ("unlucky", "kept for later")
    ]
    assert list(outcome.refused) == ["admin"]
    assert "kept for later" not in str(outcome.as_result())


@pytest.mark.parametrize(
    ("rule", "error"),
    [
        (Rule(effect=Effect.RESET), Transient),
        (Rule(effect=Effect.STATUS, status=401), AuthFailed),
        (Rule(effect=Effect.STATUS, status=500), Transient),
    ],
)
def test_where_the_provider_fails_the_whole_set_is_tried_again(
    simulator: JellyfinSimulator, jellyfin: Jellyfin, rule: Rule, error: type[ProviderError]
) -> None:
    simulator.faults.set(rule)
    handed: list[SyncUser] = []

    with pytest.raises(error):
        done(set_of(*(UserEntry(user=f"user-{number}") for number in range(6))), jellyfin, handed)
    assert handed == []


def test_a_name_stands_in_a_set_once() -> None:
    with pytest.raises(ValidationError, match="more often: alice"):
        set_of(UserEntry(user="alice"), UserEntry(user="Alice"))
