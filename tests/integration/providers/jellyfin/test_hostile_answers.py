"""Whatever answers at the address, and however long it takes over it: a result or a class of error, within bounds."""

import gzip
import json
import socket
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import SecretStr

from leeward.extension.errors import Ambiguous, Misconfigured, Permanent, ProviderError, Transient
from leeward.jobs.sync.user import UserState
from providers.jellyfin.config import JellyfinConfig
from providers.jellyfin.user_directory import UserDirectory
from tests.support.examples import examples
from tests.support.fleets.raw_host import RawHost, Talk, raw_host, read_request

TOKEN = "fleet-key-1234567890"
ALICE = {"Id": "0" * 31 + "1", "Name": "alice", "LastLoginDate": "2026-01-01", "Policy": {"IsDisabled": False}}


def directory(host: RawHost, **options: Any) -> UserDirectory:
    limits = {"answer_timeout": timedelta(seconds=0.3), "total_timeout": timedelta(seconds=0.6)}
    return UserDirectory(JellyfinConfig(url=host.url, token=SecretStr(TOKEN), **limits | options))


def outcome(talk: Talk, state: UserState = UserState.DISABLED, **options: Any) -> ProviderError | None:
    """What becomes of one account; None for a result. Any other exception is a failure of the test."""
    with raw_host(talk) as host, directory(host, **options) as users:
        assert users.health().detail
        found = attempt(users, state)
    assert TOKEN not in str(found)
    return found


def attempt(users: UserDirectory, state: UserState) -> ProviderError | None:
    try:
        users.ensure_user("alice", state)
    except ProviderError as error:
        return error
    return None


def saying(body: bytes, status: int = 200, *headers: str) -> Talk:
    """Answers every request like this."""
    lines = [f"HTTP/1.1 {status} X", f"Content-Length: {len(body)}", *(headers or ["Content-Type: application/json"])]
    said = "\r\n".join([*lines, "", ""]).encode() + body

    def talk(connection: socket.socket) -> None:
        while read_request(connection):
            connection.sendall(said)

    return talk


@pytest.mark.parametrize(
    "body",
    [
        b"7",
        b'"x"',
        b"null",
        b"true",
        b"{}",
        b"[7]",
        b"[[]]",
        b"[null]",
        b'[{"Id":7,"Name":"alice","Policy":{}}]',
        b'[{"Id":"../../x","Name":"alice","Policy":{}}]',
        b'[{"Id":"%s","Name":7,"Policy":{}}]' % (b"0" * 32),
        b'[{"Id":"%s","Name":"alice","Policy":7}]' % (b"0" * 32),
        b"[" * 100_000,
        b'{"a":' * 50_000,
        b"[NaN]",
        b"[1e999]",
        b"[" + b"9" * 5000 + b"]",
        b'["\xff"]',
        b'["\\ud800"]',
        b"\xff\xfe[\x00]\x00",
    ],
    ids=lambda body: repr(body[:20]),
)
def test_a_list_that_is_none_is_classified(body: bytes) -> None:
    assert type(outcome(saying(body))) in {Transient, Misconfigured}


def test_an_account_that_cannot_be_read_hides_nobody_but_may_be_the_one_that_is_looked_for() -> None:
    broken = {"Id": "x", "Name": None}

    assert type(outcome(saying(json.dumps([broken, {**ALICE, "Name": "bob"}]).encode()))) is Transient


@pytest.mark.parametrize("charset", ["rot13", "hex", "undefined", "idna", "x" * 1000, "utf-7", "\xff", ""])
@pytest.mark.parametrize("status", [200, 400, 403, 500])
def test_a_character_set_is_nobodys_to_choose(charset: str, status: int) -> None:
    found = outcome(
        saying(b"\xe9 +AGE-", status, f"Content-Type: text/plain; charset={charset}".encode().decode("latin-1"))
    )

    assert isinstance(found, ProviderError)


def test_a_little_gzip_does_not_become_a_gigabyte() -> None:
    bomb = gzip.compress(b"[" + b" " * 20_000_000 + b"]", 1)

    talk = saying(bomb, 200, "Content-Type: application/json", "Content-Encoding: gzip")

    assert type(outcome(talk, list_limit_bytes=1_000_000, total_timeout=timedelta(seconds=30))) is Misconfigured


def test_gzip_is_asked_for_and_read() -> None:
    listed = gzip.compress(json.dumps([]).encode())

    assert outcome(saying(listed, 200, "Content-Type: application/json", "Content-Encoding: gzip")) is None


def test_an_error_that_quotes_the_request_does_not_hand_on_the_key() -> None:
    said = json.dumps(f"denied for MediaBrowser Token={TOKEN}").encode()

    found = outcome(saying(said, 403))

    assert type(found) is Permanent
    assert "[redacted]" in str(found)


HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
DRIPS = {
    "informational answers": (b"", b"HTTP/1.1 102 Processing\r\n\r\n"),
    "a status line": (b"", b"H"),
    "a header": (HEAD + b"X-Long: ", b"x"),
    "headers": (HEAD, b"X-More: y\r\n"),
    "a body": (HEAD + b"Content-Length: 1000000\r\n\r\n", b" "),
    "a chunk's size": (HEAD + b"Transfer-Encoding: chunked\r\n\r\n", b"0"),
    "a chunk's extension": (HEAD + b"Transfer-Encoding: chunked\r\n\r\n2;x=", b"y"),
    "chunks": (HEAD + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\n \r\n"),
    "trailers": (HEAD + b"Transfer-Encoding: chunked\r\n\r\n2\r\n[]\r\n0\r\n", b"X-More: y\r\n"),
    "a body without an end": (HEAD + b"\r\n", b" "),
    "nothing": (b"", b""),
}


@pytest.mark.parametrize("name", DRIPS)
def test_an_answer_that_drips_ends_with_its_time(name: str) -> None:
    first, drop = DRIPS[name]

    def talk(connection: socket.socket) -> None:
        if read_request(connection):
            connection.sendall(first)
            host.drip(connection, drop or b"")

    with (
        raw_host(talk) as host,
        directory(host, health_timeout=timedelta(seconds=0.3)) as users,
    ):
        assert not users.health().ok
        with pytest.raises(ProviderError) as raised:
            users.ensure_user("alice", UserState.DISABLED)

    assert type(raised.value) in {Transient, Misconfigured}


@pytest.mark.parametrize(
    "said",
    [
        b"\x15\x03\x01\x00\x02\x02\x50",  # a TLS alert
        b"220 mail.test ESMTP\r\n",
        b"SSH-2.0-OpenSSH_9.2\r\n",
        b"-ERR unknown command\r\n",
        b"<html>",
        b"http/1.1 200 OK\r\n\r\n",
    ],
)
def test_what_speaks_no_http_is_a_wrong_address(said: bytes) -> None:
    def talk(connection: socket.socket) -> None:
        connection.sendall(said)
        read_request(connection)

    assert type(outcome(talk)) is Misconfigured


def test_https_to_a_port_without_tls_is_a_wrong_address() -> None:
    def talk(connection: socket.socket) -> None:
        connection.recv(65536)
        connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")

    with raw_host(talk) as host:
        config = JellyfinConfig(url=host.url.replace("http:", "https:"), token=SecretStr(TOKEN))
        with UserDirectory(config) as users, pytest.raises(Misconfigured, match="http or https"):
            users.ensure_user("alice", UserState.DISABLED)


FRAGMENTS = st.sampled_from(
    [
        b"\r\n",
        b"\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n",
        b"HTTP/1.1 999 \r\n",
        b"HTTP/1.0 204\r\n",
        b"Content-Length: 5\r\n",
        b"[]",
        b"{}",
        b"Content-Length: " + b"9" * 5000 + b"\r\n",
        b"Transfer-Encoding: chunked\r\n",
        b"Content-Type: application/json\r\n",
        b"Content-Encoding: gzip\r\n",
        b"Location: http://[::1\r\n",
        b"Retry-After: -1\r\n",
        b"5\r\nhello\r\n0\r\n\r\n",
        b"ffffffffffffffff\r\n",
        b"Content-Type: text/plain; charset=rot13\r\n",
        b"Retry-After: Mon, 99 Nov 99999 25:61:61 +9999\r\n",
        b"Connection: close\r\n",
    ]
)
ANSWERS = st.lists(FRAGMENTS | st.binary(max_size=20), max_size=8).map(b"".join)


@pytest.fixture(scope="module")
def scripted() -> Iterator[tuple[UserDirectory, dict[str, bytes]]]:
    """Accounts at a host whose next answers a test sets. It ends each connection after one."""
    script: dict[str, bytes] = {"said": b""}

    def talk(connection: socket.socket) -> None:
        if read_request(connection):
            connection.sendall(script["said"])

    with raw_host(talk) as host, directory(host) as users:
        yield users, script


FUZZ = settings(max_examples=examples(100), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
BEGINNINGS = [b"", b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 400 X\r\nContent-Type: text/plain\r\n"]


@FUZZ
@given(said=ANSWERS, begins=st.sampled_from(BEGINNINGS), state=st.sampled_from(UserState))
def test_any_bytes_are_a_result_or_a_class_of_error(
    scripted: tuple[UserDirectory, dict[str, bytes]], said: bytes, begins: bytes, state: UserState
) -> None:
    users, script = scripted
    script["said"] = begins + said

    assert type(attempt(users, state)) is not Ambiguous
    assert users.health().detail


VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=5)
    | st.sampled_from(["alice", "0" * 32]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["Id", "Name", "Policy", "IsDisabled"]), inner, max_size=4)
    ),
    max_leaves=8,
)
ACCOUNTS = st.fixed_dictionaries(
    {"Id": VALUES | st.just("0" * 32), "Name": VALUES | st.just("alice"), "Policy": VALUES | st.just({})},
    optional={"HasPassword": VALUES, "LastLoginDate": VALUES},
)


@FUZZ
@given(
    value=VALUES | ACCOUNTS | st.lists(ACCOUNTS, max_size=3),
    state=st.sampled_from(UserState),
    status=st.sampled_from([200, 400, 403, 404, 500]),
)
def test_any_json_is_a_result_or_a_class_of_error(
    scripted: tuple[UserDirectory, dict[str, bytes]], value: Any, state: UserState, status: int
) -> None:
    users, script = scripted
    body = json.dumps(value).encode()
    head = f"HTTP/1.1 {status} X\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    script["said"] = head.encode() + body

    assert type(attempt(users, state)) is not Ambiguous


@pytest.mark.parametrize("password", ["\ud800", "x" * 5000])
def test_a_password_that_cannot_be_sent_is_refused_without_a_request(password: str) -> None:
    with raw_host(saying(b"[]")) as host, directory(host) as users:
        with pytest.raises(Permanent) as refused:
            users.ensure_user("alice", UserState.ENABLED, SecretStr(password))
        assert host.connections == 0

    assert password not in str(refused.value)
