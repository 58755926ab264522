"""A worker process for the chaos tests: `python -m tests.support.fleets.workers_under_test_process URL EFFECTS [options]`.

Every effect is one line appended to the file EFFECTS, `<what> <name> <pid>`: what happened, counted outside of all our bookkeeping.
"""

import argparse
import os
import signal
import sys
import threading
import time
from datetime import timedelta

import dramatiq
from dramatiq import Worker

from broker.broker import LeewardBroker
from broker.options import SessionOptions
from leeward.extension import begin_effect, report_progress
from middleware.order import rings
from tests.support.fleets.workers_under_test import actor_of


def append(path: str, *words: str) -> None:
    """One write, so that a kill leaves a whole line or none."""
    descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    os.write(descriptor, (" ".join((*words, str(os.getpid()))) + "\n").encode())
    os.close(descriptor)


def declare_actors(broker: dramatiq.Broker, effects: str, *, second_provider: bool = False) -> None:
    actor = actor_of(broker)

    def plain(name: str, seconds: float = 0.0) -> None:
        append(effects, "started", name)
        _busy(seconds)
        append(effects, "effect", name)

    def marked(name: str, seconds: float = 0.0, before: float = 0.0) -> None:
        append(effects, "started", name)
        _busy(before)
        begin_effect()
        append(effects, "effect", name)
        _busy(seconds)

    def reporting(name: str) -> None:
        append(effects, "started", name)
        while True:
            report_progress(1)
            time.sleep(0.01)

    def fatal(name: str, seconds: float = 0.0) -> None:
        append(effects, "started", name)
        _busy(seconds)
        os.kill(os.getpid(), signal.SIGKILL)

    actor(plain, actor_name="plain")
    actor(reporting, actor_name="reporting")
    if second_provider:
        actor_of(broker, "other")(plain, actor_name="follower")
    actor(fatal, actor_name="fatal")
    actor(marked, actor_name="marked", unknown_outcome="park")


def _busy(seconds: float) -> None:
    """Wall-clock work: time that the process is stopped counts."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        time.sleep(0.01)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    parser.add_argument("url")
    parser.add_argument("effects")
    parser.add_argument("--lease", type=float, default=1.5, help="seconds")
    parser.add_argument("--threads", type=int, default=4)
    parser.add_argument("--drain", type=float, default=1.0, help="seconds")
    parser.add_argument(
        "--second-provider", action="store_true", help="serves one more: each gets a share of the threads"
    )
    return parser.parse_args()


def main() -> int:
    given = arguments()
    session = SessionOptions(lease=timedelta(seconds=given.lease), sweep=timedelta(seconds=0.3))
    broker = LeewardBroker(given.url, middleware=rings(), session=session)
    declare_actors(broker, given.effects, second_provider=given.second_provider)
    worker = Worker(broker, worker_timeout=100, worker_threads=given.threads)
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    worker.start()
    print("working", flush=True)  # noqa: T201 # the test waits for it
    stop.wait()
    worker.stop(timeout=round(given.drain * 1000))
    broker.close()
    print("stopped", flush=True)  # noqa: T201 # the test waits for it
    return 0


if __name__ == "__main__":
    sys.exit(main())
