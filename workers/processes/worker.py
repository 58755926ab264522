"""One worker process: the broker with its rings, the actors, and Dramatiq's worker. Run by `leeward worker`, one for each core."""

import faulthandler
import logging
import os
import signal
import sys
import time
from datetime import timedelta
from functools import partial
from pathlib import Path

import dramatiq
import structlog

from broker.broker import LeewardBroker
from broker.lifecycle import FLUSH_SECONDS
from broker.threads.thread_death import EXIT_CODE
from leeward.errors import Unusable
from middleware.publisher import Publisher
from workers.composition.installed.extensions import BrokenExtensions
from workers.composition.publishing import publish_broken, served_by
from workers.composition.root import build_broker, declare_actors
from workers.monitoring import job_lines
from workers.monitoring.heartbeat import Heartbeat
from workers.monitoring.host_folder import hold
from workers.monitoring.job_lines import JobLines
from workers.monitoring.metric_files import reserve_room
from workers.processes.logs import configure, write_lines
from workers.processes.stop_signal import StopSignal
from workers.settings.settings import Settings
from workers.supervisor.child import UNUSABLE

ECHO_SECONDS = 1.0
"""The kernel sends the death signal of a host once for each thread that the host had. Those are one signal."""

LINES_SECONDS = 1.0
"""For standard error to take the last lines."""

STOP_MARGIN = timedelta(seconds=FLUSH_SECONDS + 3)
"""A stop that takes longer than the drain by this much hangs. The host kills a little later."""

_log = structlog.get_logger(__name__)


def run(settings: Settings, pulse_folder: Path) -> None:
    """Works until SIGTERM or SIGINT, then drains: jobs that are not started go back at once, running ones after `settings.drain`.

    A second signal, a second later or more, ends the process at once; its leases run out and its jobs are delivered again.
    """
    stopping = _stop_signal()
    broker = build_broker(settings)
    composition = declare_actors(broker, settings)
    broker.add_middleware(Publisher(partial(served_by, composition)))
    worker = dramatiq.Worker(broker, worker_threads=settings.threads)
    # Dramatiq's own command does this after a fork; TimeLimit starts its clock at it.
    broker.emit_after("process_boot")
    lines = _job_lines(settings, broker)
    worker.start()
    pulse = Heartbeat(broker.session, pulse_folder)
    pulse.start()
    _log.info("worker_started", threads=settings.threads, queues=sorted(broker.get_declared_queues()))
    stopping.wait()
    # Should a thread keep even this from ending: where every thread stands goes to the log, and the process ends.
    faulthandler.dump_traceback_later((settings.drain + STOP_MARGIN).total_seconds(), exit=True)
    pulse.stop()
    worker.stop(timeout=settings.drain // timedelta(milliseconds=1))
    if lines:
        lines.stop(LINES_SECONDS)
    _log.info("worker_stopped")
    # Threads that outlasted the drain have lost their leases: they must not live on into the interpreter's own shutdown.
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)


def _job_lines(settings: Settings, broker: LeewardBroker) -> JobLines | None:
    """None where the level of the log leaves them out: then they cost nothing."""
    if not logging.getLogger(job_lines.__name__).isEnabledFor(logging.INFO):
        return None
    lines = JobLines(partial(write_lines, form=settings.log_format))
    lines.follow(broker.events)
    lines.start()
    return lines


def _stop_signal() -> StopSignal:
    """Is given by the first SIGTERM or SIGINT."""
    stopping = StopSignal()
    echo_ends = 0.0

    def stop(number: int, _frame: object) -> None:
        nonlocal echo_ends
        if not stopping.is_given:
            echo_ends = time.monotonic() + ECHO_SECONDS
            stopping.give()
        elif time.monotonic() >= echo_ends:
            os._exit(128 + number)

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    return stopping


def main() -> None:
    settings = Settings.from_environment()
    configure(level=settings.log_level, form=settings.log_format)
    folder = Path(sys.argv[1])
    try:
        hold(folder)  # never let go of: the folder is in use until this process has ended, too
        reserve_room()
        run(settings, folder)
    except Unusable as wrong:
        _log.critical("worker_cannot_run", reason=str(wrong))
        if isinstance(wrong, BrokenExtensions):
            publish_broken(settings, wrong.broken)
        os._exit(UNUSABLE)
    except Exception:
        # Not through the interpreter's own shutdown: threads that have started already must not live on into it.
        _log.critical("worker_failed", exc_info=True)
        os._exit(EXIT_CODE)
