"""What happened at a simulator, counted at the outside: the truth that a fleet's own bookkeeping is compared with."""

import json
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self


class Record:
    """An append-only list of events, also written to a file as JSON lines. Safe to use from any number of threads.

    Each line reaches the operating system before `add` returns, so that killing the process loses nothing. It grows for
    as long as the simulator lives.
    """

    def __init__(self, file: Path | None = None, *, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._entries: list[Mapping[str, Any]] = []
        self._counts: Counter[str] = Counter()
        self._file = file.open("ab", buffering=0) if file is not None else None

    def add(self, event: str, **facts: Any) -> None:
        """Notes an event with its time (Unix seconds) and its facts, JSON values."""
        entry = {"event": event, "time": self._clock(), **facts}
        line = json.dumps(entry, ensure_ascii=False).encode() + b"\n"
        with self._lock:
            if self._file is not None:
                self._file.write(line)
            self._entries.append(entry)
            self._counts[event] += 1

    def entries(self, event: str | None = None) -> list[Mapping[str, Any]]:
        """The events so far, in order; of one name, or all."""
        with self._lock:
            return [entry for entry in self._entries if event is None or entry["event"] == event]

    def counts(self) -> dict[str, int]:
        """How often each event happened."""
        with self._lock:
            return dict(self._counts)

    def close(self) -> None:
        with self._lock:
            if self._file is not None:
                self._file.close()
                self._file = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
