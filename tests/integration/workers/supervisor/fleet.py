"""A supervisor over small real processes, as a program of its own: `python fleet.py DIRECTORY DRAIN_SECONDS [together] NAME=PROGRAM...`.

Each child appends `NAME start PID` and `NAME end` to DIRECTORY/events.
"""

import sys
from datetime import timedelta
from pathlib import Path

import structlog

from workers.supervisor import Backoff, ProcessSpec, Supervisor

COMMON = """
import os, signal, subprocess, sys, time
name, events = sys.argv[1], sys.argv[2]
def note(text):
    with open(events, "a") as file:
        file.write(f"{name} {text}\\n")
def finish(*_):
    note("end")
    sys.exit(0)
def wait():
    while True:
        signal.pause()
"""

PROGRAMS = {
    "steady": "signal.signal(signal.SIGTERM, finish); note(f'start {os.getpid()}'); wait()",
    "crashing": "note(f'start {os.getpid()}'); sys.exit(3)",
    "stubborn": "signal.signal(signal.SIGTERM, lambda *_: note('asked')); note(f'start {os.getpid()}'); wait()",
    "parent": "child = subprocess.Popen(['sleep', '600']); note(f'grandchild {child.pid}'); note(f'start {os.getpid()}'); wait()",
    "slow": "time.sleep(0.3); open(events + '.ready', 'w').close(); signal.signal(signal.SIGTERM, finish); "
    "note(f'start {os.getpid()}'); wait()",
}


def main() -> None:
    directory, drain, *words = sys.argv[1:]
    processes = [word for word in words if "=" in word]
    events = Path(directory) / "events"
    specs = [spec(process.partition("=")[0], process.partition("=")[2], events) for process in processes]
    backoff = Backoff(first=timedelta(milliseconds=20), limit=timedelta(milliseconds=100))
    announce = structlog.get_logger().info
    Supervisor(
        specs,
        backoff=backoff,
        drain=timedelta(seconds=float(drain)),
        together="together" in words,
        on_running=lambda: announce("all running"),
    ).run()


def spec(name: str, program: str, events: Path) -> ProcessSpec:
    if program == "missing":
        return ProcessSpec(name=name, argv=("/no/such/program",))
    ready = (lambda: events.with_name("events.ready").exists()) if program == "slow" else None
    argv = (sys.executable, "-c", COMMON + PROGRAMS[program], name, str(events))
    return ProcessSpec(name=name, argv=argv, is_ready=ready)


if __name__ == "__main__":
    main()
