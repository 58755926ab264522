"""What a server that is down, starting, hidden or not ours is taken for."""

import socket
import threading
from collections.abc import Callable
from datetime import timedelta

import pytest
import trustme
from pydantic import SecretStr

from leeward.extension.errors import AuthFailed, Misconfigured, ProviderError, RateLimited, Transient
from leeward.jobs.sync.user import UserState
from providers.jellyfin.user_directory import UserDirectory
from simulators.faults import Effect, Rule
from simulators.jellyfin.server import JellyfinSimulator, Settings
from tests.integration.providers.jellyfin.tls import TlsListener
from tests.support.waiting import wait_until

Connect = Callable[..., UserDirectory]


def failure(directory: UserDirectory) -> ProviderError:
    with pytest.raises(ProviderError) as raised:
        directory.ensure_user("alice", UserState.ENABLED)
    return raised.value


def test_a_refused_connection_is_transient_and_unreachable(connect: Connect) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))  # bound but not listening: refuses
        error = failure(connect(url=f"http://127.0.0.1:{closed.getsockname()[1]}"))

    assert type(error) is Transient
    assert error.unreachable


def test_a_name_that_does_not_resolve_is_transient_and_unreachable(connect: Connect) -> None:
    error = failure(connect(url="http://jellyfin.invalid"))

    assert type(error) is Transient
    assert error.unreachable


def test_a_server_that_ends_every_connection_is_transient_and_unreachable(
    jellyfin: JellyfinSimulator, directory: UserDirectory
) -> None:
    jellyfin.faults.set(Rule(effect=Effect.DOWN))

    error = failure(directory)

    assert type(error) is Transient
    assert error.unreachable


def test_a_server_that_hangs_is_transient_and_unreachable(jellyfin: JellyfinSimulator, connect: Connect) -> None:
    jellyfin.faults.set(Rule(effect=Effect.HANG))

    error = failure(connect(answer_timeout=timedelta(milliseconds=100)))

    assert type(error) is Transient
    assert error.unreachable


def test_the_setup_server_is_transient_and_says_when_to_come_back(
    jellyfin: JellyfinSimulator, directory: UserDirectory
) -> None:
    jellyfin.configure({"mode": "setup"})

    error = failure(directory)

    assert type(error) is Transient
    assert error.retry_after == timedelta(seconds=5)


def test_a_starting_core_is_transient(jellyfin: JellyfinSimulator, directory: UserDirectory) -> None:
    jellyfin.configure({"mode": "loading"})

    assert type(failure(directory)) is Transient


def test_the_address_filter_is_an_operators_error(jellyfin: JellyfinSimulator, directory: UserDirectory) -> None:
    jellyfin.configure({"mode": "blocked"})

    assert type(failure(directory)) is Misconfigured


def test_429_is_a_rate_limit_with_its_wait(jellyfin: JellyfinSimulator, directory: UserDirectory) -> None:
    jellyfin.faults.set(Rule(effect=Effect.STATUS, status=429, retry_after="7"))

    error = failure(directory)

    assert type(error) is RateLimited
    assert error.retry_after == timedelta(seconds=7)


def test_a_wrong_key_is_refused_credentials_and_is_not_shown(connect: Connect) -> None:
    error = failure(connect(token=SecretStr("not-the-key")))

    assert type(error) is AuthFailed
    assert "not-the-key" not in str(error)


def test_a_key_with_signs_is_percent_encoded(jellyfin: JellyfinSimulator, connect: Connect) -> None:
    jellyfin.configure({"token": 'a"b,c+d%20'})

    directory = connect(token=SecretStr('a"b,c+d%20'))

    assert directory.ensure_user("alice", UserState.ENABLED)["changes"] == ["created"]


def test_the_key_works_when_legacy_authorization_is_switched_off(
    jellyfin: JellyfinSimulator, directory: UserDirectory
) -> None:
    jellyfin.configure({"legacy_authorization": False})

    assert directory.ensure_user("alice", UserState.ENABLED)["changes"] == ["created"]


def test_a_missing_base_path_is_a_redirect_that_is_not_followed(connect: Connect) -> None:
    with JellyfinSimulator(settings=Settings(base_path="/media")) as behind:
        without = connect(url=behind.url.removesuffix("/media"))
        error = failure(without)

        assert type(error) is Misconfigured
        assert error.status == 302
        assert not without.health().ok
        assert connect(url=behind.url).ensure_user("alice", UserState.ENABLED)["changes"] == ["created"]
        assert connect(url=behind.url + "/").health().ok


def test_a_certificate_that_nobody_trusts_is_an_operators_error(connect: Connect) -> None:
    with TlsListener(trustme.CA().issue_cert("127.0.0.1")) as listener:
        error = failure(connect(url=f"https://127.0.0.1:{listener.port}"))

    assert type(error) is Misconfigured


def test_a_pool_without_a_free_connection_is_not_the_providers_fault(
    jellyfin: JellyfinSimulator, connect: Connect
) -> None:
    narrow = connect(max_connections=1, connect_timeout=timedelta(milliseconds=100))
    jellyfin.faults.set(Rule(operation="GET /health", effect=Effect.HANG))
    occupant = threading.Thread(target=narrow.health)
    occupant.start()
    wait_until(lambda: jellyfin.faults.describe()[0]["hits"], description="the only connection to be in use")

    error = failure(narrow)

    jellyfin.faults.reset()
    occupant.join()
    assert type(error) is Transient
    assert not error.unreachable
