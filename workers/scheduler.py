"""The scheduler process: sends the ticks of the periodic actors. Any number of them may run; a tick happens once."""

import signal
import sys

import structlog
from periodiq import Scheduler

from workers.settings import Settings
from workers.wiring import build_broker, declare_actors

_log = structlog.get_logger(__name__)


def run(settings: Settings) -> None:
    """Runs until SIGTERM or SIGINT. Main thread only: periodiq lives on SIGALRM.

    Raises:
        dramatiq.errors.ConnectionClosed: Valkey could not be reached at a tick. To be started again, as `leeward up` does.
    """
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: sys.exit(0))
    broker = build_broker(settings)
    declare_actors(broker, settings)
    periodic = [actor for actor in broker.actors.values() if "periodic" in actor.options]
    _log.info("scheduler_started", actors={actor.actor_name: str(actor.options["periodic"]) for actor in periodic})
    scheduler = Scheduler(actors=periodic)
    # Fires at once when this minute matches: a tick that a crash has cost is made up for, and one that was sent is a duplicate.
    scheduler.schedule()
    scheduler.loop()
