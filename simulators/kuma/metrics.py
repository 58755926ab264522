"""`/metrics` as 1.x and 2.x write it: missing values are the text `null`, -1 and NaN."""

from collections.abc import Iterable, Mapping
from typing import Any


def exposition(monitors: Iterable[Mapping[str, Any]], *, is_v2: bool) -> str:
    """Each monitor has `id`, `name`, `type`, `status` and `ping`; None is what is not known."""
    lines = [
        "# HELP monitor_response_time Monitor Response Time (ms)",
        "# TYPE monitor_response_time gauge",
        "# HELP monitor_status Monitor Status (1 = UP, 0= DOWN, 2= PENDING, 3= MAINTENANCE)",
        "# TYPE monitor_status gauge",
    ]
    for monitor in monitors:
        if monitor["type"] == "push" and not is_v2:
            continue  # absent before 2.0
        labels = _labels(monitor, is_v2=is_v2)
        ping = monitor.get("ping")
        lines.append(f"monitor_response_time{{{labels}}} {-1 if ping is None else ping}")
        lines.append(f"monitor_status{{{labels}}} {monitor['status']}")
        if is_v2:
            lines.append(f'monitor_uptime_ratio{{{labels},window="1d"}} {monitor.get("uptime", "NaN")}')
            lines.append(f'monitor_uptime_ratio{{{labels},window="30d"}} NaN')
    return "\n".join([*lines, ""])


def _labels(monitor: Mapping[str, Any], *, is_v2: bool) -> str:
    known = {
        "monitor_name": monitor["name"],
        "monitor_type": monitor["type"],
        "monitor_url": monitor.get("url", "https://"),
        "monitor_hostname": "null",
        "monitor_port": "null",
    }
    if is_v2:
        known = {"monitor_id": monitor["id"]} | known
    return ",".join(f'{name}="{_escaped(str(value))}"' for name, value in known.items())


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
