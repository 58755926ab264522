"""Simulators as processes: ready lines, the control port, records that survive a kill."""

import json
import smtplib
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from tests.support.processes import RunningProcess

Start = Callable[..., RunningProcess]
KEY = {"Authorization": 'MediaBrowser Token="simulated-key"'}


def started(start_process: Start, name: str, *options: str | Path) -> tuple[RunningProcess, dict[str, str]]:
    process = start_process([sys.executable, "-m", "simulators", name, *options])
    return process, json.loads(process.wait_for_output('"control"'))


def control(ready: dict[str, str], what: str, order: dict[str, Any] | None = None) -> Any:
    url = f"{ready['control']}/__control/{what}"
    answer = httpx.get(url) if order is None else httpx.post(url, json=order)
    return answer.json()


@pytest.mark.parametrize(
    ("name", "scheme"),
    [
        ("jellyfin", "http"),
        ("mail", "smtp"),
        ("files", "http"),
        ("plex", "http"),
        ("plextv", "http"),
        ("seerr", "http"),
    ],
)
def test_a_simulator_says_when_it_is_ready_and_stops_when_it_is_told(
    name: str, scheme: str, start_process: Start
) -> None:
    process, ready = started(start_process, name)

    assert ready["simulator"] == name
    assert urlsplit(ready["url"]).scheme == scheme
    assert process.terminate() == 0


def test_faults_are_set_and_ended_over_http(start_process: Start) -> None:
    _, ready = started(start_process, "jellyfin")
    rule = {"operation": "GET /health", "effect": "status", "status": 429, "retry_after": "005", "times": 1}

    control(ready, "faults", {"rules": [rule, {"effect": "status", "status": 500}]})
    answers = [httpx.get(ready["url"] + "/health") for _ in range(2)]
    hits = [entry["hits"] for entry in control(ready, "faults")["rules"]]
    control(ready, "faults", {"reset": True})

    assert [answer.status_code for answer in answers] == [429, 500]
    assert answers[0].headers["Retry-After"] == "005"
    assert hits == [1, 1]
    assert httpx.get(ready["url"] + "/health").text == "Healthy"


def test_a_simulator_that_is_down_resets_new_and_kept_connections_but_can_be_controlled(start_process: Start) -> None:
    _, ready = started(start_process, "jellyfin")
    with httpx.Client(base_url=ready["url"]) as client:
        client.get("/health")
        control(ready, "faults", {"rules": [{"effect": "down"}]})

        for ask in (client.get, lambda path: httpx.get(ready["url"] + path)):
            with pytest.raises(httpx.TransportError):
                ask("/health")

        control(ready, "faults", {"reset": True})
        assert client.get("/health").text == "Healthy"


@pytest.mark.parametrize(
    ("what", "order"),
    [
        ("faults", {"rules": [{"effect": "status"}]}),
        ("faults", {"rulez": []}),
        ("settings", {"mode": "asleep"}),
        ("nonsense", {}),
    ],
)
def test_an_order_that_makes_no_sense_is_refused_with_a_reason(
    what: str, order: dict[str, Any], start_process: Start
) -> None:
    _, ready = started(start_process, "jellyfin")

    assert control(ready, what, order)["error"]


def test_settings_change_while_it_runs(start_process: Start) -> None:
    _, ready = started(start_process, "jellyfin", "--settings", json.dumps({"mode": "setup"}))

    before = httpx.get(ready["url"] + "/health").text
    control(ready, "settings", {"mode": "running"})

    assert (before, httpx.get(ready["url"] + "/health").text) == ("Degraded", "Healthy")


def test_killing_a_simulator_loses_nothing_of_its_record(start_process: Start, tmp_path: Path) -> None:
    file = tmp_path / "record.jsonl"
    process, ready = started(start_process, "jellyfin", "--record", file)
    for number in range(20):
        httpx.post(ready["url"] + "/Users/New", json={"Name": f"user{number}"}, headers=KEY).raise_for_status()
    told = control(ready, "record")

    process.kill()

    written = [json.loads(line) for line in file.read_text().splitlines()]
    assert told["counts"] == {"user_created": 20}
    assert written == told["entries"]


def test_a_record_can_be_read_by_event(start_process: Start) -> None:
    _, ready = started(start_process, "mail")
    target = urlsplit(ready["url"])
    assert target.hostname
    assert target.port
    with smtplib.SMTP(target.hostname, target.port, local_hostname="test") as relay:
        relay.sendmail("a@example.org", ["b@example.org", "c@example.org"], "Message-ID: <1@x>\r\n\r\nHi\r\n")

    (entry,) = control(ready, "record?event=mail_accepted")["entries"]

    assert entry["message_id"] == "<1@x>"
    assert entry["recipients"] == ["b@example.org", "c@example.org"]
    assert control(ready, "record")["counts"] == {"session_opened": 1, "mail_accepted": 1}
    assert control(ready, "state")["accepted"] == 1
