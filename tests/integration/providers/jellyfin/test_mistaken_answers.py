"""Answers of the right shape that say something else than they should: another account, a flag that is none, too many accounts."""

import json
import socket
from collections.abc import Mapping
from typing import Any

import pytest
from pydantic import SecretStr

from leeward.extension.errors import Misconfigured, ProviderError
from leeward.jobs.sync.user import UserState
from providers.jellyfin.config import JellyfinConfig
from providers.jellyfin.user_directory import UserDirectory
from tests.support.fleets.raw_host import RawHost, raw_host, read_request


def account(number: int, name: str, **policy: object) -> dict[str, Any]:
    shown = {"IsDisabled": False, **policy}
    return {"Id": f"{number:032x}", "Name": name, "HasPassword": True, "LastLoginDate": "2026-01-01", "Policy": shown}


ALICE, BOB = account(1, "alice"), account(2, "bob")
TAKEN = b"Error processing request."


class Server:
    """Answers by path, and notes what was asked."""

    def __init__(self, answers: Mapping[str, object]) -> None:
        self._answers = {"GET /Users": [ALICE, BOB], f"GET /Users/{ALICE['Id']}": ALICE} | dict(answers)
        self.asked: list[str] = []

    def talk(self, connection: socket.socket) -> None:
        while request := read_request(connection):
            method, path = request.decode().split(" ")[:2]
            self.asked.append(f"{method} {path}")
            connection.sendall(self._said(f"{method} {path}"))

    def _said(self, asked: str) -> bytes:
        if asked in self._answers:
            body = json.dumps(self._answers[asked]).encode()
            return b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s" % (
                len(body),
                body,
            )
        if asked == "POST /Users/New":
            return b"HTTP/1.1 400 X\r\nContent-Type: text/plain\r\nContent-Length: %d\r\n\r\n%s" % (len(TAKEN), TAKEN)
        return b"HTTP/1.1 204 No Content\r\n\r\n"


def outcome(server: Server, state: UserState = UserState.DISABLED, **options: Any) -> ProviderError | dict[str, Any]:
    with raw_host(server.talk) as host, directory(host, **options) as users:
        try:
            return users.ensure_user("alice", state)
        except ProviderError as error:
            return error


def directory(host: RawHost, **options: Any) -> UserDirectory:
    return UserDirectory(JellyfinConfig(url=host.url, token=SecretStr("fleet-key-1234567890"), **options))


def test_an_answer_about_somebody_else_disables_nobody() -> None:
    server = Server({f"GET /Users/{ALICE['Id']}": BOB})

    assert type(outcome(server)) is Misconfigured
    assert [asked for asked in server.asked if asked.startswith("POST")] == []


def test_an_account_of_another_name_than_asked_for_is_given_no_password() -> None:
    server = Server({"POST /Users/New": BOB, f"GET /Users/{BOB['Id']}": BOB})

    assert type(outcome(server, UserState.ENABLED)) is Misconfigured
    assert server.asked == ["POST /Users/New"]


@pytest.mark.parametrize("flag", ["IsDisabled", "IsAdministrator"])
@pytest.mark.parametrize("value", ["true", "false", "", 0, 1, [], {}, [False], 0.0])
def test_a_flag_that_is_none_is_not_believed(flag: str, value: object) -> None:
    odd = account(1, "alice", **{flag: value})
    server = Server({"GET /Users": [BOB, odd], f"GET /Users/{ALICE['Id']}": odd})

    assert isinstance(outcome(server), ProviderError)
    assert [asked for asked in server.asked if "Policy" in asked] == []


EVERY_LIST: dict[str, list[object]] = {f"List{number}": [] for number in range(16)}
MANY = [account(number, f"u{number}", **EVERY_LIST) for number in range(3, 30_003)]


def test_a_server_of_very_many_accounts_stops_with_the_setting_that_helps() -> None:
    found = outcome(Server({"GET /Users": [*MANY, ALICE]}), list_limit_bytes=16 * 1024**2)

    assert type(found) is Misconfigured
    assert "LEEWARD_JELLYFIN_LIST_LIMIT_BYTES" in str(found)


def test_with_the_usual_limit_it_is_read() -> None:
    found = outcome(Server({"GET /Users": [*MANY, ALICE]}))

    assert isinstance(found, dict)
    assert found["changes"] == ["disabled"]


def _deep() -> list[Any]:
    value: list[Any] = []
    for _ in range(40):
        value = [value]
    return value


def test_json_beyond_its_bounds_is_not_asked_for_again_and_again() -> None:
    assert type(outcome(Server({"GET /Users": _deep()}))) is Misconfigured
