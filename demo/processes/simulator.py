"""A simulated provider in a process of its own, and its control port."""

import json
import signal
import sys
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import httpx

from console.cli.exit_code import Failed
from demo.processes.child import Child

Rule = Mapping[str, Any]


class Simulator:
    """One of `python -m simulators`. What it recorded is the truth that the ledger is counted from.

    Attributes:
        url: where it simulates.
    """

    def __init__(self, name: str, *, folder: Path, env: Mapping[str, str]) -> None:
        self.child = Child(
            f"{name} simulator",
            [sys.executable, "-m", "simulators", name],
            log=folder / f"{name}-simulator.log",
            env=env,
            stop_signal=signal.SIGKILL,  # its record has been read, and it has nothing else to keep
        )
        self._control = httpx.Client(trust_env=False, timeout=10)
        self.url = ""

    def __enter__(self) -> Self:
        self.child.__enter__()
        return self

    def await_readiness(self) -> None:
        """Raises: Failed: it ended instead."""
        line = self.child.answers.readline()
        if not line:
            raise Failed(f"the {self.child.name} did not start: {self.child.last_words()}")
        ready = json.loads(line)
        self.url = ready["url"]
        self._control.base_url = httpx.URL(ready["control"] + "/__control/")

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._control.close()
        self.child.__exit__(kind, error, trace)

    @property
    def port(self) -> int:
        return int(self.url.rpartition(":")[2])

    def misbehave(self, *rules: Rule) -> None:
        """From now on it follows these rules and no others; none: it behaves well."""
        self._post("faults", {"rules": list(rules)})

    def hits(self) -> list[int]:
        """How often each rule has struck."""
        return [rule["hits"] for rule in self._get("faults")["rules"]]

    def configure(self, **settings: Any) -> None:
        self._post("settings", settings)

    def events(self, name: str) -> list[dict[str, Any]]:
        """All events of a name, in order."""
        found: list[dict[str, Any]] = self._get("record", event=name)["entries"]
        return found

    def counts(self) -> dict[str, int]:
        """How often each event happened."""
        found: dict[str, int] = self._get("record", event="none of them")["counts"]
        return found

    def state(self) -> dict[str, Any]:
        """What it holds now."""
        return self._get("state")

    def _get(self, path: str, **query: str) -> dict[str, Any]:
        found: dict[str, Any] = self._control.get(path, params=query).raise_for_status().json()
        return found

    def _post(self, path: str, order: Mapping[str, Any]) -> None:
        self._control.post(path, json=order).raise_for_status()
