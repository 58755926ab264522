"""An account that is to be gone is gone, and only what the server's list shows is believed."""

from collections.abc import Callable

import pytest

from leeward.extension.errors import Misconfigured, Permanent, Transient
from leeward.jobs.sync.user import UserState
from providers.jellyfin.user_directory import UserDirectory
from simulators.faults import Effect, Rule, Stage
from simulators.jellyfin.server import JellyfinSimulator


def test_an_account_is_deleted_in_any_case_and_once(jellyfin: JellyfinSimulator, directory: UserDirectory) -> None:
    directory.ensure_user("Alice", UserState.ENABLED)

    first = directory.ensure_user("alice", UserState.DELETED)
    second = directory.ensure_user("alice", UserState.DELETED)

    assert (first["user"], first["state"], first["changes"]) == ("Alice", "deleted", ["deleted"])
    assert (second["user_id"], second["changes"]) == (None, [])
    assert jellyfin.record.counts()["user_deleted"] == 1
    assert jellyfin.accounts.named("alice") is None


@pytest.mark.parametrize(
    "lost",
    [
        Rule(operation="DELETE *", effect=Effect.STATUS, stage=Stage.AFTER, status=404, body="User not found", times=1),
        Rule(operation="DELETE *", effect=Effect.STATUS, stage=Stage.AFTER, status=500, times=1),
    ],
)
def test_an_account_that_was_gone_already_is_deleted(
    jellyfin: JellyfinSimulator, directory: UserDirectory, lost: Rule
) -> None:
    directory.ensure_user("alice", UserState.ENABLED)
    jellyfin.faults.set(lost)

    assert directory.ensure_user("alice", UserState.DELETED)["changes"] == ["deleted"]


@pytest.mark.parametrize(("status", "body"), [(404, "User not found"), (500, "Error processing request.")])
def test_an_account_that_is_still_listed_is_not_deleted(
    jellyfin: JellyfinSimulator, directory: UserDirectory, status: int, body: str
) -> None:
    directory.ensure_user("alice", UserState.ENABLED)
    jellyfin.faults.set(Rule(operation="DELETE *", effect=Effect.STATUS, status=status, body=body, times=1))

    with pytest.raises(Transient):
        directory.ensure_user("alice", UserState.DELETED)
    assert directory.ensure_user("alice", UserState.DELETED)["changes"] == ["deleted"]


def test_a_lost_answer_is_tried_again(jellyfin: JellyfinSimulator, directory: UserDirectory) -> None:
    directory.ensure_user("alice", UserState.ENABLED)
    jellyfin.faults.set(Rule(operation="DELETE *", effect=Effect.RESET, stage=Stage.AFTER, times=1))

    with pytest.raises(Transient) as lost:
        directory.ensure_user("alice", UserState.DELETED)
    assert lost.value.unreachable
    assert directory.ensure_user("alice", UserState.DELETED)["changes"] == []


def test_an_administrator_is_not_deleted(jellyfin: JellyfinSimulator, directory: UserDirectory) -> None:
    with pytest.raises(Permanent, match="administrator"):
        directory.ensure_user("admin", UserState.DELETED)
    assert jellyfin.accounts.named("admin") is not None


def test_the_server_says_who_it_is_to_a_key_that_works(
    jellyfin: JellyfinSimulator, connect: Callable[..., UserDirectory]
) -> None:
    for version in ("10.11.11", "12.0.0"):
        jellyfin.configure({"version": version})
        info = connect().server.info()
        assert (info.version, info.name, info.restart_needed) == (version, "simulated", False)


def test_something_that_is_about_no_server_is_misconfigured(
    jellyfin: JellyfinSimulator, directory: UserDirectory
) -> None:
    rule = Rule(
        operation="GET /System/Info", effect=Effect.STATUS, status=200, body="[]", content_type="application/json"
    )
    jellyfin.faults.set(rule)

    with pytest.raises(Misconfigured, match="not about a server"):
        directory.server.info()


def test_a_library_refresh_is_queued(jellyfin: JellyfinSimulator, directory: UserDirectory) -> None:
    directory.server.refresh_library()

    assert jellyfin.record.counts()["library_refreshed"] == 1
