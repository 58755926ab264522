"""What the benchmark gives to a measured worker process, and what that process does for the benchmark."""

import ctypes
import os
import signal
import sys

import dramatiq
from dramatiq.middleware import Middleware

from bench.worker import trace

URL = "BENCH_URL"
QUEUES = "BENCH_QUEUES"
FOLDER = "BENCH_FOLDER"
VICTIM = "BENCH_VICTIM"

_PR_SET_PDEATHSIG = 1


def url() -> str:
    return os.environ[URL]


def queues() -> list[str]:
    return os.environ[QUEUES].split(",")


def is_victim() -> bool:
    """Whether this process is one to be killed."""
    return VICTIM in os.environ


def observe(broker: dramatiq.Broker) -> None:
    """Adds the benchmark's own hooks, the same on either broker. None of them runs around a job."""
    trace.open_in(os.environ[FOLDER])
    broker.add_middleware(_Observer())


class _Observer(Middleware):
    def after_process_boot(self, broker: dramatiq.Broker) -> None:
        """In the main thread: SIGUSR1 makes the process write down what it has counted in memory."""
        signal.signal(signal.SIGUSR1, lambda *_: trace.dump())
        if sys.platform == "linux":
            # Dramatiq's master does not take its workers with it when it is killed.
            ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, int(signal.SIGKILL), 0, 0, 0)

    def after_worker_boot(self, broker: dramatiq.Broker, worker: dramatiq.Worker) -> None:
        trace.announce()
