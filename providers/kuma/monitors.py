"""The monitors in what Uptime Kuma shows: its status pages, and its metrics. Pure: whatever has another shape is left out."""

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

_SAMPLE = re.compile(r"(monitor_[a-z_]+)\{((?:[^\"}]|\"(?:[^\"\\]|\\.)*\")*)\}\s+(\S+)")
_LABEL = re.compile(r"([a-zA-Z_]\w*)=\"((?:[^\"\\]|\\.)*)\"")
_MISSING = frozenset({"", "null", "undefined"})


class MonitorState(IntEnum):
    """As Uptime Kuma numbers them."""

    DOWN = 0
    UP = 1
    PENDING = 2
    MAINTENANCE = 3


@dataclass(frozen=True, slots=True)
class Monitor:
    """One monitor at one moment; None is what Uptime Kuma does not say.

    Attributes:
        id: its number; 1.x leaves it out of its metrics.
        name: as people call it.
        state: of its newest heartbeat; None for a monitor without any.
        response_ms: how long it took.
        uptime: of the last 24 hours, from 0 to 1.
        at: when the newest heartbeat was, as Uptime Kuma writes it.
    """

    id: int | None
    name: str
    state: MonitorState | None
    response_ms: float | None = None
    uptime: float | None = None
    at: str | None = None


def of_page(page: Any, heartbeats: Any) -> list[Monitor]:
    """Those of a status page, in its order, with the newest of their heartbeats, which come oldest first."""
    beats, uptimes = _member(heartbeats, "heartbeatList", dict), _member(heartbeats, "uptimeList", dict)
    found: dict[int, Monitor] = {}
    for group in _member(page, "publicGroupList", list):
        for one in _member(group, "monitorList", list):
            number = one.get("id") if isinstance(one, dict) else None
            if isinstance(number, int) and not isinstance(number, bool):
                newest = _newest(beats.get(str(number)))
                found[number] = _shown(number, one, newest, uptimes.get(f"{number}_24"))
    return list(found.values())


def of_metrics(text: str) -> list[Monitor]:
    """Those of `/metrics`, 1.x and 2.x alike, in order of first mention."""
    known: dict[tuple[str | None, ...], dict[str, float]] = {}
    named: dict[tuple[str | None, ...], Mapping[str, str]] = {}
    for metric, labels, value in _samples(text):
        key = tuple(labels.get(name) for name in ("monitor_id", "monitor_name", "monitor_url", "monitor_hostname"))
        named.setdefault(key, labels)
        window = labels.get("window")
        if window in {None, "1d", "24h"}:
            known.setdefault(key, {})[metric] = value
    return [_measured(named[key], values) for key, values in known.items() if "monitor_name" in named[key]]


def _shown(number: int, one: Mapping[str, Any], beat: Mapping[str, Any], uptime: Any) -> Monitor:
    at, name = beat.get("time"), one.get("name")
    return Monitor(
        id=number,
        name=name if isinstance(name, str) else str(number),
        state=_state(beat.get("status")),
        response_ms=_positive(beat.get("ping")),
        uptime=_positive(uptime),
        at=at if isinstance(at, str) else None,
    )


def _measured(labels: Mapping[str, str], values: Mapping[str, float]) -> Monitor:
    number = labels.get("monitor_id", "")
    return Monitor(
        id=int(number) if number.isdecimal() else None,
        name=labels["monitor_name"],
        state=_state(values.get("monitor_status")),
        response_ms=_positive(values.get("monitor_response_time")),
        uptime=_positive(values.get("monitor_uptime_ratio")),
    )


def _samples(text: str) -> Iterator[tuple[str, Mapping[str, str], float]]:
    for line in text.splitlines():
        sample = _SAMPLE.match(line)
        if sample is None:
            continue
        try:
            value = float(sample[3])
        except ValueError:
            continue
        labels = {name: _unescaped(said) for name, said in _LABEL.findall(sample[2]) if said not in _MISSING}
        yield sample[1], labels, value


def _unescaped(text: str) -> str:
    return re.sub(r"\\(.)", lambda found: "\n" if found[1] == "n" else found[1], text)


def _newest(beats: Any) -> Mapping[str, Any]:
    newest = beats[-1] if isinstance(beats, list) and beats else None
    return newest if isinstance(newest, dict) else {}


def _state(value: Any) -> MonitorState | None:
    try:
        return None if value is None or isinstance(value, bool) else MonitorState(value)
    except ValueError:
        return None


def _positive(value: Any) -> float | None:
    """-1 is Uptime Kuma's word for none, and NaN occurs."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value) or value < 0:
        return None
    return float(value)


def _member(value: Any, name: str, kind: type[Any]) -> Any:
    found = value.get(name) if isinstance(value, dict) else None
    return found if isinstance(found, kind) else kind()
