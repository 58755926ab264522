"""The scheduler process: sends the ticks of the periodic actors. Any number of them may run; a tick happens once."""

import signal
from zoneinfo import ZoneInfo

import structlog

from broker.threads.thread_death import end_process_on_thread_death
from workers.background.ticker import Ticker
from workers.composition.root import build_broker, declare_actors
from workers.processes.stop_signal import StopSignal
from workers.settings.settings import Settings

_log = structlog.get_logger(__name__)


def run(settings: Settings) -> None:
    """Runs until SIGTERM or SIGINT, through every absence of Valkey. Main thread only, for the signals."""
    stopped = StopSignal()
    end_process_on_thread_death()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopped.give())
    broker = build_broker(settings)
    declare_actors(broker, settings)
    periodic = [actor for actor in broker.actors.values() if "periodic" in actor.options]
    ticker = Ticker(broker, periodic, zone=ZoneInfo(settings.schedule_zone))
    _log.info("scheduler_started", actors=ticker.schedules)
    while not stopped.is_given:
        stopped.wait(max(0.0, ticker.look().total_seconds()))
