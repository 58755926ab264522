"""One worker process: the broker with its rings, the actors, and Dramatiq's worker. Run by `leeward worker`, one for each core."""

import os
import signal
import sys
import threading
from datetime import timedelta
from pathlib import Path

import dramatiq
import structlog

from workers.logs import configure
from workers.pulse import Pulse
from workers.settings import Settings
from workers.wiring import build_broker, declare_actors

_log = structlog.get_logger(__name__)


def run(settings: Settings, pulse_folder: Path) -> None:
    """Works until SIGTERM or SIGINT, then drains: jobs that are not started go back at once, running ones after `settings.drain`.

    A second signal ends the process at once; its leases run out and its jobs are delivered again.
    """
    stopping = threading.Event()

    def stop(number: int, _frame: object) -> None:
        if stopping.is_set():
            os._exit(128 + number)
        stopping.set()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    broker = build_broker(settings)
    declare_actors(broker, settings)
    worker = dramatiq.Worker(broker, worker_threads=settings.threads)
    worker.start()
    pulse = Pulse(broker.session, pulse_folder)
    pulse.start()
    _log.info("worker_started", threads=settings.threads, queues=sorted(broker.get_declared_queues()))
    stopping.wait()
    pulse.stop()
    worker.stop(timeout=settings.drain // timedelta(milliseconds=1))
    _log.info("worker_stopped")
    # Threads that outlasted the drain have lost their leases: they must not live on into the interpreter's own shutdown.
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)


def main() -> None:
    settings = Settings.from_environment()
    configure(level=settings.log_level, form=settings.log_format)
    run(settings, Path(sys.argv[1]))


if __name__ == "__main__":
    main()
