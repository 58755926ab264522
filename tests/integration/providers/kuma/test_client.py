"""The client against the simulated Uptime Kuma, 1.23 and 2.x, with its traps."""

from collections.abc import Callable

import pytest

from leeward.extension.errors import AuthFailed, Misconfigured, Permanent, RateLimited, Transient
from providers.kuma.client import KumaClient
from providers.kuma.monitors import MonitorState
from simulators.faults import Effect, Rule
from simulators.kuma.server import KumaSimulator, Monitor

Connect = Callable[..., KumaClient]
TOKEN = "simulated-push-1"
versions = pytest.mark.parametrize("version", ["1.23.16", "2.5.3"])


@versions
@pytest.mark.parametrize(("is_up", "status"), [(True, 1), (False, 0)])
def test_a_heartbeat_is_recorded(
    version: str, is_up: bool, status: int, client: KumaClient, kuma: KumaSimulator
) -> None:
    kuma.configure({"version": version})

    client.push(TOKEN, is_up=is_up, message="expire.accounts: done & well", ping_ms=12.5)

    (beat,) = kuma.record.entries("beat")
    assert (beat["status"], beat["msg"], beat["ping"]) == (status, "expire.accounts: done & well", 12.5)


@pytest.mark.parametrize("ping_ms", [None, 0.0, -1.0, 1e12, float("nan"), float("inf")])
def test_a_time_that_would_be_refused_is_left_out(
    ping_ms: float | None, client: KumaClient, kuma: KumaSimulator
) -> None:
    client.push(TOKEN, is_up=True, message="", ping_ms=ping_ms)

    (beat,) = kuma.record.entries("beat")
    assert beat["ping"] is None


def test_a_wrong_token_and_a_paused_monitor_are_the_monitors_own_problem(
    client: KumaClient, kuma: KumaSimulator
) -> None:
    with pytest.raises(Permanent, match="compare the token"):
        client.push("another", is_up=True, message="")

    kuma.configure({"monitors": [Monitor(id=1, name="expiry", token=TOKEN, is_active=False)]})
    with pytest.raises(Permanent, match="resume the monitor"):
        client.push(TOKEN, is_up=True, message="")


@pytest.mark.parametrize("text", ["SQLITE_BUSY: database is locked", "Error: Telegram is down"])
def test_an_error_inside_a_push_passes(text: str, client: KumaClient, kuma: KumaSimulator) -> None:
    kuma.configure({"push_failure": text})

    with pytest.raises(Transient):
        client.push(TOKEN, is_up=True, message="")


def test_the_web_ui_at_a_wrong_path_is_no_success(connect: Connect, kuma: KumaSimulator) -> None:
    client = connect(url=f"{kuma.url}/kuma")

    with pytest.raises(Misconfigured, match="check the URL"):
        client.push(TOKEN, is_up=True, message="")
    with pytest.raises(Misconfigured):
        client.health()
    assert kuma.record.counts() == {}


def test_a_status_page_shows_its_monitors(client: KumaClient, kuma: KumaSimulator) -> None:
    monitors = [Monitor(id=1, name="expiry", token=TOKEN), Monitor(id=2, name="plex", status=0)]
    kuma.configure({"monitors": monitors, "pages": {"fleet": [1, 2]}})
    client.push(TOKEN, is_up=False, message="")
    client.push(TOKEN, is_up=True, message="", ping_ms=3)

    expiry, plex = client.page("fleet")

    assert (expiry.state, expiry.response_ms, expiry.uptime) == (MonitorState.UP, 3.0, 0.5)
    assert (plex.name, plex.state) == ("plex", MonitorState.DOWN)


def test_a_status_page_that_is_not_there_is_found_by_its_list(client: KumaClient) -> None:
    with pytest.raises(Permanent, match="compare the slug"):
        client.page("another")


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("SQLITE_BUSY: database is locked", Transient),
        ("Cannot read properties of null", Transient),
        ("Status Page Not Found", Permanent),
    ],
)
def test_any_error_of_a_page_has_its_class(
    text: str, kind: type[Exception], client: KumaClient, kuma: KumaSimulator
) -> None:
    kuma.configure({"page_failure": text})

    with pytest.raises(kind):
        client.page("fleet")


@versions
def test_metrics_show_the_monitors(version: str, client: KumaClient, kuma: KumaSimulator) -> None:
    kuma.configure({"version": version, "monitors": [Monitor(id=2, name='a "b"', status=2)]})

    (found,) = client.metrics()

    assert (found.name, found.state, found.response_ms) == ('a "b"', MonitorState.PENDING, None)
    assert found.id == (None if version.startswith("1.") else 2)


def test_push_monitors_are_in_the_metrics_of_2_x_alone(client: KumaClient, kuma: KumaSimulator) -> None:
    client.push(TOKEN, is_up=True, message="")

    assert [one.name for one in client.metrics()] == ["expiry"]
    kuma.configure({"version": "1.23.16"})
    assert client.metrics() == []


def test_without_api_keys_the_first_user_reads_the_metrics(connect: Connect, kuma: KumaSimulator) -> None:
    kuma.configure({"api_keys": []})

    assert connect(metrics_user="admin", metrics_key="simulated").metrics() == []
    with pytest.raises(AuthFailed):
        connect(metrics_user="admin", metrics_key="another").metrics()
    with pytest.raises(Misconfigured, match="metrics_key"):
        connect(metrics_key=None).metrics()


def test_the_limiter_says_401_and_is_known_by_what_it_said_before(connect: Connect, kuma: KumaSimulator) -> None:
    kuma.configure({"most_per_minute": 1})
    now = [0.0]
    client = connect(inside={"clock": lambda: now[0]})
    client.metrics()

    with pytest.raises(RateLimited):
        client.metrics()
    now[0] = 61.0
    with pytest.raises(AuthFailed):
        client.metrics()


def test_health_needs_no_page_and_no_key(connect: Connect, kuma: KumaSimulator) -> None:
    assert connect(metrics_key=None).health().ok

    kuma.faults.set(Rule(effect=Effect.STATUS, status=200, body='{"ok":true}', content_type="application/json"))
    assert not connect().health().ok


def test_a_token_that_is_quoted_is_in_no_error(connect: Connect, kuma: KumaSimulator) -> None:
    client = connect(heartbeats={"fleet": TOKEN})
    kuma.configure({"push_failure": f"no such route /api/push/{TOKEN}"})

    with pytest.raises(Transient) as failed:
        client.push(TOKEN, is_up=True, message="")
    assert TOKEN not in str(failed.value)
