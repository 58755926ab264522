"""PINs, the page that they are for, and what is remembered of tokens."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from pydantic import SecretStr

from leeward.extension.errors import Misconfigured
from providers.plextv.known_tokens import MOST, KnownTokens
from providers.plextv.pin import Pin, read_pin, sign_in_url
from providers.plextv.servers import read_servers
from tests.support.contracts import contract_file

NOW = datetime(2026, 11, 23, tzinfo=UTC)


def test_a_pin_lives_for_as_long_as_it_says_from_now_on() -> None:
    pin = read_pin({"id": 7, "code": "ABCD", "expiresIn": 60, "expiresAt": "2001-01-01T00:00:00Z"}, NOW)

    assert pin == Pin(7, "ABCD", NOW + timedelta(seconds=60))
    assert not pin.is_claimed


@pytest.mark.parametrize("lifetime", [None, "x", -1, 10**12, True])
def test_a_lifetime_that_cannot_be_is_the_usual_one(lifetime: Any) -> None:
    assert read_pin({"id": 7, "code": "A", "expiresIn": lifetime}, NOW).expires_at == NOW + timedelta(minutes=15)


@pytest.mark.parametrize("value", [None, [], {}, {"id": "7", "code": "A"}, {"id": 7}, {"id": 7, "code": ""}])
def test_what_is_no_pin_is_refused(value: Any) -> None:
    with pytest.raises(Misconfigured):
        read_pin(value, NOW)


@pytest.mark.parametrize(("name", "is_claimed"), [("pins_new.201", False), ("pins_linked.200", True)])
def test_published_pins_are_read(name: str, is_claimed: bool) -> None:  # a parameter of tests
    pin = read_pin(json.loads(contract_file(f"examples/plextv.{name}.json").read_text()), NOW)

    assert (pin.id, pin.is_claimed) == (111222333, is_claimed)
    assert "auth_token" not in repr(pin)


def test_the_page_gets_everything_in_its_fragment() -> None:
    url = sign_in_url(
        Pin(7, "a+b", NOW),
        app_url="https://app.plex.tv/auth",
        client_identifier="me & you",
        product="Leeward",
        forward_url="https://x.example/?a=1#b",
    )

    assert url.startswith("https://app.plex.tv/auth#?")
    assert urlsplit(url).query == ""
    assert "context%5Bdevice%5D%5Bproduct%5D=Leeward" in url
    assert parse_qs(urlsplit(url).fragment.removeprefix("?")) == {
        "clientID": ["me & you"],
        "code": ["a+b"],
        "context[device][product]": ["Leeward"],
        "forwardUrl": ["https://x.example/?a=1#b"],
    }


def test_a_published_list_of_servers_is_read_relays_last() -> None:
    (server,) = read_servers(json.loads(contract_file("examples/plextv.resources.200.json").read_text()))

    assert (server.name, server.machine, server.is_owned) == ("Box", "client_id2", True)
    assert [one.is_local for one in server.connections] == [True, False, False, False]
    assert [one.is_relay for one in server.connections] == [False, False, False, True]
    assert "auth_token" not in repr(server)


def test_players_and_what_cannot_be_read_are_no_servers() -> None:
    player = {"name": "TV", "clientIdentifier": "tv", "provides": "player", "accessToken": "t"}
    closed = {"name": "Box", "clientIdentifier": "b", "provides": "server", "accessToken": None}

    assert read_servers([player, closed, None, 3]) == []
    assert read_servers({"errors": []}) == []


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def test_a_token_is_believed_for_a_while() -> None:
    clock = Clock()
    known: KnownTokens[str] = KnownTokens(timedelta(seconds=5), clock)
    known.put(SecretStr("a"), "alice")

    assert known.get(SecretStr("a")) == "alice"
    assert known.get(SecretStr("b")) is None
    clock.now += 5
    assert known.get(SecretStr("a")) is None


def test_only_so_many_tokens_are_remembered() -> None:
    known: KnownTokens[int] = KnownTokens(timedelta(seconds=5), Clock())
    for number in range(MOST + 1):
        known.put(SecretStr(str(number)), number)

    assert known.get(SecretStr("0")) is None
    assert known.get(SecretStr(str(MOST))) == MOST
