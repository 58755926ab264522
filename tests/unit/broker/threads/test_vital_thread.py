"""A thread that must not end: whatever ends it, its process learns of it."""

import ast
import ctypes
import os
import signal
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import structlog
from dramatiq.middleware.time_limit import TimeLimit, TimeLimitExceeded
from dramatiq.worker import ConsumerThread, WorkerThread
from structlog.testing import capture_logs

from broker.delivery.outcomes import Done
from broker.options import SessionOptions
from broker.session import committer
from broker.session.committer import Committer
from broker.session.renewals import Renewals
from broker.session.wakeups import Wakeups
from broker.threads import thread_death
from broker.threads.thread_death import end_process_on_thread_death, is_vital
from broker.threads.vital_thread import EndedUnasked, VitalThread
from tests.support.waiting import wait_until
from workers.background.drainer import Drainer
from workers.background.replays.replay_loop import ReplayLoop
from workers.monitoring.heartbeat import Heartbeat

ROOT = Path(__file__).resolve().parents[4]
FLEET = ("broker", "middleware", "providers", "actors", "storage", "workers", "leeward_admin", "schemas")
HAVE_AN_END = {
    "workers/background/replays/replay_loop.py",
    "leeward_admin/replays/replays.py",
    "workers/monitoring/http_server.py",
    "providers/http_client/resolution.py",
    "providers/smtp/connections/caretaker.py",
    "providers/downloads/sweeper.py",
    "providers/ytdlp/child/lifeline.py",
    "workers/background/prompt_probes.py",
    "workers/recovery/recorder.py",
}
"""Threads that run one replay, make one page of a host, resolve one name, send one probe, write what waits to be recorded, look after
sessions while there are any, sweep a folder for which no job waits, or end a process of yt-dlp with its worker."""
DEATHS = [
    RuntimeError("bug"),
    MemoryError(),
    SystemExit(0),
    SystemExit("bye"),
    KeyboardInterrupt(),
    GeneratorExit(),
    RecursionError(),
]
DEATHS += [
    TimeLimitExceeded(),
    OSError(28, "No space left on device"),
    UnicodeDecodeError("utf-8", b"\xff", 0, 1, "bad"),
]


class Loop(VitalThread):
    def __init__(self, serve: Callable[["Loop"], None]) -> None:
        super().__init__("leeward-test")
        self._serve = serve

    def serve(self) -> None:
        self._serve(self)


@pytest.fixture
def exits(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[int]]:
    """The exit codes with which the process would have ended."""
    codes: list[int] = []
    monkeypatch.setattr(os, "_exit", codes.append)
    monkeypatch.setattr(signal, "alarm", lambda _: 0)
    monkeypatch.setattr(threading, "excepthook", threading.excepthook)
    monkeypatch.setattr(thread_death, "_log", structlog.get_logger())  # not one that another test has configured
    end_process_on_thread_death()
    with capture_logs():  # pretty tracebacks take their time
        yield codes


def rest_a_minute(loop: Loop) -> None:
    loop.rest(60)


def never_end(loop: Loop) -> None:
    while True:
        loop.rest(0.001)


def raising(error: BaseException) -> Callable[[object], None]:
    def serve(_: object) -> None:
        raise error

    return serve


@pytest.mark.parametrize("error", DEATHS, ids=lambda error: type(error).__name__)
def test_whatever_ends_a_vital_thread_ends_the_process(exits: list[int], error: BaseException) -> None:
    thread = Loop(raising(error))
    thread.start()
    thread.join(20)

    assert exits == [70]


def test_the_log_names_the_thread_and_what_ended_it(exits: list[int]) -> None:
    with capture_logs() as lines:
        thread = Loop(raising(ValueError("no such thing")))
        thread.start()
        thread.join(20)

    assert [(line["event"], line["thread"], line["error"]) for line in lines] == [
        ("thread_died", "leeward-test", "ValueError: no such thing")
    ]


def test_a_loop_that_comes_to_its_end_unasked_ends_the_process(exits: list[int]) -> None:
    thread = Loop(lambda _: None)
    thread.start()
    thread.join(20)

    assert exits == [70]


def test_a_loop_that_was_asked_to_end_ends_alone(exits: list[int]) -> None:
    thread = Loop(rest_a_minute)
    thread.start()
    thread.ask_to_stop()
    thread.join(20)

    assert not thread.is_alive()
    assert exits == []


def test_a_thread_that_the_system_refuses_ends_the_process(exits: list[int], monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", refuse)

    with pytest.raises(RuntimeError):
        Loop(lambda _: None).start()
    assert exits == [70]


def test_a_log_that_fails_does_not_keep_the_process_alive(exits: list[int], monkeypatch: pytest.MonkeyPatch) -> None:
    class Broken:
        def critical(self, *_: object, **__: object) -> None:
            raise MemoryError

    monkeypatch.setattr(thread_death, "_log", Broken())
    thread = Loop(raising(ValueError()))
    thread.start()
    thread.join(20)

    assert exits == [70]


@pytest.mark.parametrize(
    "error", [error for error in DEATHS if not isinstance(error, SystemExit)], ids=lambda error: type(error).__name__
)
def test_a_thread_of_an_actor_ends_alone(exits: list[int], error: BaseException) -> None:
    thread = threading.Thread(target=raising(error), args=(None,))
    thread.start()
    thread.join(20)

    assert exits == []


@pytest.mark.parametrize(
    "kind",
    [
        Committer,
        Renewals,
        Wakeups,
        Heartbeat,
        Drainer,
        ReplayLoop,
        WorkerThread,
        ConsumerThread,
        type(TimeLimit().manager),
    ],
)
def test_every_thread_that_a_fleet_cannot_do_without_is_vital(kind: type[threading.Thread]) -> None:
    thread = kind.__new__(kind)
    threading.Thread.__init__(thread)

    assert is_vital(thread)


def test_a_committer_without_memory_ends_instead_of_dropping_outcomes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Their leases run out, and the jobs are delivered again by a process that has memory."""

    def fail(*_: object) -> None:
        raise MemoryError

    monkeypatch.setattr(committer, "_settle", fail)
    monkeypatch.setattr(committer, "is_plain", lambda *_: True)
    settled: list[object] = []
    nowhere: Any = SimpleNamespace()
    job: Any = SimpleNamespace(provider="lab", message_id="1", token="1", actor_name="act", queue_name="lab")
    thread = Committer(nowhere, SessionOptions(), lambda *settlement: settled.append(settlement))
    thread.put(job, Done())

    with pytest.raises(MemoryError):
        thread.serve()
    assert settled == []


@pytest.mark.parametrize(
    ("name", "vital"), [("leeward-smtp-sessions", True), ("page /metrics", False), ("replay 1", False)]
)
def test_another_thread_is_vital_by_its_name(name: str, vital: bool) -> None:
    assert is_vital(threading.Thread(name=name)) == vital


def test_no_thread_of_the_fleet_is_started_in_another_way() -> None:
    """Those that have an end of their own are few, and known."""
    files = [file for folder in FLEET for file in (ROOT / folder).rglob("*.py")]
    found = {str(file.relative_to(ROOT)) for file in files if _makes_threads(ast.parse(file.read_text()))}

    assert found - {"broker/threads/vital_thread.py"} <= HAVE_AN_END


def test_an_exception_from_outside_ends_a_loop_and_so_the_process(exits: list[int]) -> None:
    """As Dramatiq's time limit raises it, a moment too late, in whatever thread has that number by then."""
    thread = Loop(never_end)
    thread.start()
    ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread.ident or 0), ctypes.py_object(SystemExit))
    wait_until(lambda: exits, description="the process to end", timeout=20)
    thread.join(20)

    assert exits == [70]
    assert issubclass(EndedUnasked, Exception)


def _makes_threads(tree: ast.AST) -> bool:
    """Calls `threading.Thread`, or makes it its base."""
    return any(
        isinstance(node, ast.Attribute) and node.attr in {"Thread", "Timer"} and ast.unparse(node.value) == "threading"
        for call in ast.walk(tree)
        for node in (
            [call.func] if isinstance(call, ast.Call) else call.bases if isinstance(call, ast.ClassDef) else []
        )
    )
