"""The scheduler process: sends the ticks of the periodic actors, and events to their handlers. Any number of them may run."""

import signal
import socket
from datetime import timedelta
from zoneinfo import ZoneInfo

import structlog

from broker.threads.thread_death import end_process_on_thread_death
from workers.background.event_pump import EventPump, PumpOptions
from workers.background.fleet_watch import FleetWatch
from workers.background.presence import Presence
from workers.background.ticker import Ticker
from workers.background.unserved_deadlines import DeadlineSweeper
from workers.composition.binding.handlers import subscriptions
from workers.composition.root import build_broker, declare_actors
from workers.processes.stop_signal import StopSignal
from workers.settings.settings import Settings

STOP_LIMIT = timedelta(seconds=5)
"""For the events at hand. What is cut off is delivered by the next scheduler."""

_log = structlog.get_logger(__name__)


def run(settings: Settings) -> None:
    """Runs until SIGTERM or SIGINT, through every absence of Valkey. Main thread only, for the signals."""
    stopped = StopSignal()
    end_process_on_thread_death()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopped.give())
    broker = build_broker(settings)
    composition = declare_actors(broker, settings)
    periodic = [actor for actor in broker.actors.values() if "periodic" in actor.options]
    ticker = Ticker(broker, periodic, zone=ZoneInfo(settings.schedule_zone))
    pump = EventPump(broker, subscriptions(composition.handlers), options=PumpOptions(kept=settings.events_kept))
    pump.start()
    sweeper = DeadlineSweeper(broker.client)
    sweeper.start()
    watch = FleetWatch(broker.client)
    watch.start()
    _log.info("scheduler_started", actors=ticker.schedules, handlers=[one.name for one in composition.handlers])
    presence = Presence(broker.client, socket.gethostname())
    while not stopped.is_given:
        wait = ticker.look().total_seconds()
        presence.report()
        stopped.wait(max(0.0, wait))
    pump.stop(STOP_LIMIT)
    sweeper.stop(STOP_LIMIT)
    watch.stop(STOP_LIMIT)
    presence.withdraw()
