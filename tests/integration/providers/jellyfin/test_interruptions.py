"""A request may fail, an answer may be lost, a server may die in the middle: running again repairs all of it."""

import threading
from collections.abc import Callable
from datetime import timedelta
from functools import partial

import pytest
from pydantic import SecretStr

from leeward.extension.errors import ProviderError, Transient
from leeward.jobs.sync.user import UserState
from providers.jellyfin.user_directory import UserDirectory
from simulators.faults import Effect, Rule, Stage
from simulators.jellyfin.server import JellyfinSimulator
from tests.support.waiting import wait_until

ENABLED, DISABLED = UserState.ENABLED, UserState.DISABLED
PASSWORD = SecretStr("correct horse battery staple")


def is_as_it_should_be(jellyfin: JellyfinSimulator, *, disabled: bool) -> bool:
    account = jellyfin.accounts.account("alice")
    return account.password == PASSWORD.get_secret_value() and account.policy["IsDisabled"] == disabled


def test_a_lost_answer_to_a_create_is_settled_by_reading(jellyfin: JellyfinSimulator, directory: UserDirectory) -> None:
    jellyfin.faults.set(Rule(operation="POST /Users/New", effect=Effect.RESET, stage=Stage.AFTER, times=1))

    directory.ensure_user("alice", ENABLED, PASSWORD)

    assert jellyfin.record.counts()["user_created"] == 1
    assert is_as_it_should_be(jellyfin, disabled=False)


def test_a_create_that_was_never_carried_out_is_tried_again_later(
    jellyfin: JellyfinSimulator, directory: UserDirectory
) -> None:
    jellyfin.faults.set(Rule(operation="POST /Users/New", effect=Effect.RESET, times=1))

    with pytest.raises(Transient, match="no such account yet") as failed:
        directory.ensure_user("alice", ENABLED, PASSWORD)
    assert failed.value.unreachable

    directory.ensure_user("alice", ENABLED, PASSWORD)
    assert jellyfin.record.counts()["user_created"] == 1


def test_a_create_whose_answer_times_out_is_settled_by_reading(
    jellyfin: JellyfinSimulator, connect: Callable[..., UserDirectory]
) -> None:
    jellyfin.faults.set(Rule(operation="POST /Users/New", effect=Effect.HANG, stage=Stage.AFTER, times=1))

    connect(answer_timeout=timedelta(seconds=1.5)).ensure_user("alice", ENABLED, PASSWORD)

    assert jellyfin.record.counts()["user_created"] == 1


def test_an_answer_that_breaks_off_in_the_middle_is_a_lost_one(
    jellyfin: JellyfinSimulator, directory: UserDirectory
) -> None:
    jellyfin.faults.set(Rule(operation="POST /Users/New", effect=Effect.RESET, stage=Stage.DURING, times=1))

    directory.ensure_user("alice", ENABLED, PASSWORD)

    assert jellyfin.record.counts()["user_created"] == 1


def test_a_server_that_dies_between_its_two_commits_leaves_no_open_account(
    jellyfin: JellyfinSimulator, directory: UserDirectory
) -> None:
    jellyfin.configure({"crash_between_commits": 1})

    directory.ensure_user("alice", ENABLED)

    assert jellyfin.accounts.account("alice").password
    assert jellyfin.record.counts()["user_created"] == 1


OPERATIONS = ["POST /Users/New", "GET /Users", "GET /Users/*", "POST /Users/*/Policy", "POST /Users/Password"]


@pytest.mark.parametrize("effect", [Effect.RESET, Effect.STATUS])
@pytest.mark.parametrize("stage", [Stage.BEFORE, Stage.AFTER])
@pytest.mark.parametrize("operation", OPERATIONS)
def test_a_failure_of_any_request_is_repaired_by_running_again(
    operation: str, stage: Stage, effect: Effect, jellyfin: JellyfinSimulator, connect: Callable[..., UserDirectory]
) -> None:
    connect().ensure_user("alice", ENABLED)
    directory = connect()  # one that does not know her yet
    status = 500 if effect is Effect.STATUS else None
    jellyfin.faults.set(Rule(operation=operation, effect=effect, stage=stage, status=status, times=1))

    for state in (DISABLED, ENABLED):
        for _ in range(2):
            try:
                directory.ensure_user("alice", state, PASSWORD)
            except Transient:
                continue
            break
        assert is_as_it_should_be(jellyfin, disabled=state is DISABLED)

    assert jellyfin.faults.describe()[0]["hits"] == 1
    assert jellyfin.record.counts()["user_created"] == 1


def test_two_racing_creators_make_one_account(jellyfin: JellyfinSimulator, directory: UserDirectory) -> None:
    jellyfin.configure({"commit_delay_ms": 100})
    failures: list[ProviderError] = []

    def create() -> None:
        try:
            directory.ensure_user("alice", ENABLED, PASSWORD)
        except ProviderError as error:
            failures.append(error)

    _together([create, create])

    assert jellyfin.record.counts()["create_raced"] == 1
    assert [type(error) for error in failures] == [Transient]
    assert directory.ensure_user("alice", ENABLED, PASSWORD)["changes"] == ["password"]
    assert jellyfin.record.counts()["user_created"] == 1


def test_many_threads_share_one_directory(jellyfin: JellyfinSimulator, directory: UserDirectory) -> None:
    _together([partial(directory.ensure_user, f"user{number}", ENABLED) for number in range(40)])

    assert jellyfin.record.counts()["user_created"] == 40


def test_a_user_deleted_in_the_middle_is_made_anew_next_time(
    jellyfin: JellyfinSimulator, directory: UserDirectory
) -> None:
    directory.ensure_user("alice", ENABLED)
    gone = Rule(operation="GET /Users/*", effect=Effect.STATUS, status=404, body="User not found", times=2)
    jellyfin.faults.set(gone)

    with pytest.raises(Transient, match="deleted in the meantime"):
        directory.ensure_user("alice", ENABLED)


def test_a_name_that_is_refused_although_nobody_has_it_is_permanent(
    jellyfin: JellyfinSimulator, directory: UserDirectory
) -> None:
    refusal = Rule(
        operation="POST /Users/New",
        effect=Effect.STATUS,
        status=400,
        body="Error processing request.",
        content_type="text/plain",
    )
    jellyfin.faults.set(refusal)

    with pytest.raises(ProviderError, match="no account has that name"):
        directory.ensure_user("alice", ENABLED)


def test_a_connection_that_the_server_closed_while_idle_is_replaced(
    jellyfin: JellyfinSimulator, directory: UserDirectory
) -> None:
    directory.ensure_user("alice", ENABLED)
    assert wait_until(lambda: jellyfin.drop_connections() > 0, description="an idle connection to drop")

    assert directory.ensure_user("alice", DISABLED)["changes"] == ["disabled"]


def _together(actions: list[Callable[[], object]]) -> None:
    threads = [threading.Thread(target=action) for action in actions]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
