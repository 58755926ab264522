"""The fleet's log, as sentences for people."""

import signal
from collections.abc import Iterable, Iterator, Mapping
from typing import Any


class LogReader:
    """Reads a fleet's log lines and keeps the important ones.

    Attributes:
        metrics_url: where the worker host serves its metrics; empty until it does.
        restarts: how often a process was started again.
    """

    def __init__(self) -> None:
        self.metrics_url = ""
        self.restarts = 0
        self._ended: set[str] = set()

    def read(self, lines: Iterable[Mapping[str, Any]]) -> Iterator[str]:
        """Sentences about what is new."""
        for line in lines:
            match line.get("event"):
                case "host_serves":
                    self.metrics_url = line["metrics"]
                    yield f"worker host: metrics at {self.metrics_url}"
                case "process_ended":
                    self._ended.add(line["process"])
                    yield f"{line['process']} (pid {line.get('pid')}) {_end(line.get('exit_code'))}"
                case "process_started" if line["process"] in self._ended:
                    self._ended.discard(line["process"])
                    self.restarts += 1
                    yield f"{line['process']} was started again by its supervisor: pid {line['pid']}"
                case "provider_health_changed":
                    state = "healthy" if line["healthy"] else "not healthy"
                    yield f"health probe: {line['provider']} is {state} ({line['detail']})"


def _end(exit_code: int | None) -> str:
    if exit_code is not None and exit_code < 0:
        return f"was killed by {signal.Signals(-exit_code).name}"
    return f"ended with exit code {exit_code}"
