"""The checks of a machine. Each returns a finding for every failure, and takes a bounded time."""

import os
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import redis

from broker.fleet.health.machines import ComponentFinding, ComponentState
from leeward.redaction import cleaned
from leeward.wire.valkey.refusal import sentence
from workers.monitoring.machine.memory import memory_in_use
from workers.monitoring.machine.rules import DISK, MEMORY, of_answer, of_silence, of_use

if TYPE_CHECKING:
    from sqlalchemy import Engine

Check = Callable[[], ComponentFinding]
_UNKNOWN = ComponentState.UNKNOWN


def check_memory() -> ComponentFinding:
    found = memory_in_use()
    if found is None:
        detail = "this system does not say how much memory is in use"
        return ComponentFinding(component="memory", state=_UNKNOWN, detail=detail)
    return of_use("memory", found.used, found.total, MEMORY, "memory")


def check_disk(folders: Callable[[], list[Path]]) -> Check:
    """The fullest of the file systems that the host itself writes to. A folder of a provider is a matter of that provider's probe."""

    def check() -> ComponentFinding:
        found = [of_use("disk", used, total, DISK, f"at {folder}") for folder, used, total in _usage(folders())]
        fullest = max(found, key=lambda one: one.used or 0.0, default=None)
        if fullest is None:
            return ComponentFinding(component="disk", state=_UNKNOWN, detail="no folder could be looked at")
        return fullest

    return check


def host_folders() -> list[Path]:
    """Where a worker host writes: counters of its processes, and what it is started in."""
    return [Path(tempfile.gettempdir()), Path.cwd()]


def check_valkey(client: redis.Redis) -> Check:
    def check() -> ComponentFinding:
        began = time.monotonic()
        try:
            client.ping()
        except redis.RedisError as error:
            return of_silence("valkey", cleaned(sentence(error)), _since(began))
        return of_answer("valkey", _since(began))

    return check


def check_postgresql(engine: "Engine") -> Check:
    """Runs a query that reads no table."""
    from sqlalchemy import text
    from sqlalchemy.exc import SQLAlchemyError

    def check() -> ComponentFinding:
        began = time.monotonic()
        try:
            with engine.connect() as connection:
                connection.execute(text("SELECT 1"))
        except SQLAlchemyError as error:
            said = cleaned(str(getattr(error, "orig", None) or error)).strip().splitlines()
            return of_silence("postgresql", said[0] if said else type(error).__name__, _since(began))
        return of_answer("postgresql", _since(began))

    return check


def _usage(folders: list[Path]) -> Iterator[tuple[Path, int, int]]:
    seen = set[int]()
    for folder in folders:
        try:
            device, stat = folder.stat().st_dev, os.statvfs(folder)
        except OSError:
            continue
        if device not in seen and stat.f_blocks:
            seen.add(device)
            # As `df` counts: what only the system's administrator may use is neither free nor in use.
            used, free = stat.f_blocks - stat.f_bfree, stat.f_bavail
            yield folder, used * stat.f_frsize, (used + free) * stat.f_frsize


def _since(began: float) -> timedelta:
    return timedelta(seconds=time.monotonic() - began)
