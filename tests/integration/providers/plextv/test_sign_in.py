"""A person signs in at the simulated plex.tv."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from pydantic import SecretStr

from leeward.extension.errors import Misconfigured, RateLimited, Transient
from providers.plextv.answers import PinExpired, TokenInvalid
from providers.plextv.provider import PlexTv
from providers.plextv.settings import PlexTvSettings
from simulators.faults import Effect, Rule
from simulators.plextv.server import PlexTvSimulator, Settings

Connect = Callable[..., PlexTv]
TOKEN = SecretStr("simulated-account-token")
CHECK = "GET /api/v2/pins/*"


@pytest.fixture
def server() -> Iterator[PlexTvSimulator]:
    """A simulated plex.tv on a port of its own."""
    with PlexTvSimulator() as simulator:
        yield simulator


@pytest.fixture
def connect(server: PlexTvSimulator) -> Iterator[Connect]:
    """Makes installations."""
    with ExitStack() as stack:

        def make(**options: Any) -> PlexTv:
            settings = {
                "client_identifier": "leeward-test",
                "url": server.url,
                "clients_url": server.url,
                "poll_every": "50ms",
            }
            plextv = PlexTv("plextv", PlexTvSettings.model_validate(settings | options))
            plextv.open()
            stack.callback(plextv.close)
            return plextv

        yield make


@pytest.fixture
def plextv(connect: Connect) -> PlexTv:
    return connect()


def test_a_person_signs_in(plextv: PlexTv, server: PlexTvSimulator) -> None:
    pin = plextv.sign_in.create_pin()
    assert len(pin.code) > 4
    assert pin.code in plextv.sign_in.url_for(pin)
    assert not plextv.sign_in.check_pin(pin.id).is_claimed

    server.claim(pin.code, TOKEN.get_secret_value())

    claimed = plextv.sign_in.wait_for(pin)
    assert claimed.token == TOKEN
    assert plextv.sign_in.account(TOKEN).username == "alice"


def test_a_short_code_is_for_typing(plextv: PlexTv) -> None:
    assert len(plextv.sign_in.create_pin(strong=False).code) == 4


def test_a_pin_belongs_to_the_installation_that_made_it(connect: Connect) -> None:
    pin = connect().sign_in.create_pin()

    with pytest.raises(PinExpired):
        connect(client_identifier="leeward-other").sign_in.check_pin(pin.id)


def test_a_person_does_not_sign_in_in_time(plextv: PlexTv, server: PlexTvSimulator) -> None:
    server.configure({"pin_seconds": 0})
    pin = plextv.sign_in.create_pin()

    with pytest.raises(PinExpired, match="make another"):
        plextv.sign_in.wait_for(pin)


@pytest.mark.parametrize(
    "rule",
    [
        Rule(operation=CHECK, effect=Effect.STATUS, status=500, times=2),
        Rule(operation=CHECK, effect=Effect.STATUS, status=503, body="<h1>503</h1>", content_type="text/html", times=2),
        Rule(operation=CHECK, effect=Effect.RESET, times=2),
        Rule(operation=CHECK, effect=Effect.STATUS, status=429, retry_after="0", times=1),
    ],
)
def test_a_trouble_that_passes_is_no_expired_pin(rule: Rule, plextv: PlexTv, server: PlexTvSimulator) -> None:
    pin = plextv.sign_in.create_pin()
    server.claim(pin.code, "t")
    server.faults.set(rule)

    assert plextv.sign_in.wait_for(pin).is_claimed


def test_a_refusal_ends_the_wait(plextv: PlexTv, server: PlexTvSimulator) -> None:
    pin = plextv.sign_in.create_pin()
    server.faults.set(Rule(operation=CHECK, effect=Effect.STATUS, status=200, body="hello", content_type="text/html"))

    with pytest.raises(Misconfigured):
        plextv.sign_in.wait_for(pin)


def test_a_token_that_is_refused_is_not_valid(plextv: PlexTv) -> None:
    for ask in (plextv.sign_in.account, plextv.sign_in.servers):
        with pytest.raises(TokenInvalid):
            ask(SecretStr("revoked-token"))


def test_an_outage_says_nothing_of_a_token(plextv: PlexTv, server: PlexTvSimulator) -> None:
    server.faults.set(Rule(effect=Effect.STATUS, status=503))

    with pytest.raises(Transient):
        plextv.sign_in.account(TOKEN)


def test_a_valid_token_is_not_checked_each_time(connect: Connect, server: PlexTvSimulator) -> None:
    remembering, asking = connect(), connect(valid_for="0s")
    for plextv in (remembering, asking):
        plextv.sign_in.account(TOKEN)
    server.configure({"tokens": {}})

    assert remembering.sign_in.account(TOKEN).username == "alice"
    with pytest.raises(TokenInvalid):
        asking.sign_in.account(TOKEN)


def test_the_servers_of_an_account_have_tokens_of_their_own(plextv: PlexTv, server: PlexTvSimulator) -> None:
    ways = [{"uri": "https://relay.example", "relay": True}, {"uri": "https://10-0-0-2.example", "local": True}]
    box = {"name": "Box", "clientIdentifier": "b", "provides": "server", "accessToken": "at-the-box", "owned": True}
    server.configure({"servers": [box | {"connections": ways}]})

    (found,) = plextv.sign_in.servers(TOKEN)

    assert found.token.get_secret_value() == "at-the-box"
    assert [one.url for one in found.connections] == ["https://10-0-0-2.example", "https://relay.example"]


def test_a_limit_belongs_to_the_installation(connect: Connect) -> None:
    with PlexTvSimulator(settings=Settings(most_calls_per_second=1), clock=lambda: 0.0) as still:
        busy, other = connect(url=still.url), connect(url=still.url, client_identifier="leeward-other")
        busy.sign_in.create_pin()

        with pytest.raises(RateLimited, match="API rate limit exceeded"):
            busy.sign_in.create_pin()
        other.sign_in.create_pin()


def test_plextv_is_healthy_when_it_refuses_who_has_no_token(plextv: PlexTv, server: PlexTvSimulator) -> None:
    assert plextv.health().ok

    server.faults.set(Rule(effect=Effect.STATUS, status=503))
    with pytest.raises(Transient):
        plextv.health()
