"""How a server is, and what the server is when it is another service."""

from datetime import timedelta

import pytest

from leeward.extension import Calls
from leeward.extension.errors import AuthFailed, Misconfigured, ProviderError, Transient
from providers.plex.provider import Plex
from providers.plex.server import Server
from providers.plex.settings import PlexSettings
from providers.plex.transport import Transport
from simulators.faults import Effect, Rule
from simulators.plex.server import PlexSimulator
from tests.integration.providers.plex.conftest import Connect
from tests.support.fleets.raw_host import Talk, answering, raw_host

JSON = "Content-Type: application/json"
TOKEN = "fleet-token-1234567890"


def test_a_server_that_answers_is_healthy(connect: Connect) -> None:
    assert connect().health().detail == "/status/sessions answers"
    assert connect(health_path="/identity").health().detail.startswith("1.43")


def test_a_revoked_token_is_noticed_where_the_path_needs_it(connect: Connect) -> None:
    with pytest.raises(AuthFailed):
        connect(token="revoked").health()
    assert connect(token="revoked", health_path="/identity").health().ok


def test_a_server_under_migration_is_not_healthy(plex: Plex, server: PlexSimulator) -> None:
    server.configure({"maintenance": True})

    with pytest.raises(Transient, match="database migrations"):
        plex.health()


def test_a_server_that_hangs_is_given_up_in_time(connect: Connect, server: PlexSimulator) -> None:
    server.faults.set(Rule(effect=Effect.HANG))

    with pytest.raises(Transient) as failed:
        connect(health_timeout=timedelta(milliseconds=200)).health()
    assert failed.value.condition == "TIMEOUT"


def test_a_job_that_waits_for_a_scan_is_no_slow_call() -> None:
    settings = PlexSettings.model_validate({"url": "http://plex.example", "token": "t"})

    assert Plex.guards["slow"] > Plex("plex", settings).longest_call()


def said(body: bytes, *headers: str, status: int = 200, length: int | None = None) -> bytes:
    lines = [f"HTTP/1.1 {status} X", f"Content-Length: {len(body) if length is None else length}", *headers]
    return "\r\n".join([*lines, "", ""]).encode() + body


def outcome(talk: Talk) -> ProviderError | None:
    """What becomes of a list of sections. Any error of another kind is a failure of the test."""
    with raw_host(talk) as host:
        settings = {"url": host.url, "token": TOKEN, "timeout": "400ms"}
        transport = Transport(PlexSettings.model_validate(settings), Calls("plex", total=timedelta(seconds=0.4)))
        try:
            Server(transport).sections()
        except ProviderError as error:
            return error
        finally:
            transport.close()
    return None


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (said(b'{"MediaContainer":{}}', JSON), None),
        (said(b'{"MediaContainer":{"Directory":{"key":"1"}}}', JSON), None),
        (said(b'{"MediaContainer":7}', JSON), Misconfigured),
        (said(b"7", JSON), Misconfigured),
        (said(b'{"MediaContainer":{"Directory":[', JSON), Transient),
        (said(b"[" * 100_000, JSON), Transient),
        (said(b'{"MediaContainer":' + b"[" * 50 + b"]" * 50 + b"}", JSON), Misconfigured),
        (said(b'{"MediaContainer":{}}', JSON, length=5000), Transient),
        (said(b"x", JSON, "Content-Encoding: gzip"), Misconfigured),
        (said(b"", JSON, "Content-Length: 7"), Transient),
        (b"SSH-2.0-OpenSSH_9.2\r\n", Misconfigured),
        (b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 100_000, Transient),
        (b"", Transient),
        (said(TOKEN.encode(), "Content-Type: text/html", status=400), Misconfigured),
        (said(f'<Response status="no {TOKEN}"/>'.encode(), "Content-Type: text/xml", status=500), Transient),
    ],
)
def test_whatever_answers_has_a_class(answer: bytes, kind: type[ProviderError] | None) -> None:
    found = outcome(answering(answer))

    assert TOKEN not in str(found)
    assert (None if found is None else type(found)) is kind
