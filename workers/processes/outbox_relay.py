"""The relay process: moves the outbox of one producer's database into the fleet. Any number of them may run."""

import signal
from collections.abc import Iterable
from contextlib import ExitStack, suppress
from datetime import timedelta

import redis
import structlog

from broker.fleet.queues import known_providers
from broker.threads.thread_death import end_process_on_thread_death
from leeward.errors import NotReady
from leeward.wire.valkey.connection import connect
from storage.database.engine import create_engine
from workers.monitoring.host_http import serve_collectors
from workers.processes.addresses import valkey_address
from workers.processes.stop_signal import StopSignal
from workers.relay.metrics import RelayMetrics
from workers.relay.readiness import relay_problems
from workers.relay.relay import Relay
from workers.settings.settings import Settings

STOP_LIMIT = timedelta(seconds=10)
"""For the batch at hand. What is cut off is done by the next relay."""

_log = structlog.get_logger(__name__)


class NoOutbox(NotReady):
    """Raised when no outbox is configured."""

    code = "no_outbox"

    def __init__(self) -> None:
        super().__init__(
            "no outbox is configured: set LEEWARD_OUTBOX_DATABASE_URL to the database whose transactions write jobs (docs/outbox.md)"
        )


def outbox_address(settings: Settings) -> str:
    """The address that is configured, with its password.

    Raises:
        NoOutbox: there is none.
    """
    if settings.outbox_database_url is None:
        raise NoOutbox
    return settings.outbox_database_url.get_secret_value()


def run(settings: Settings) -> None:
    """Runs until SIGTERM or SIGINT, through every absence of either server. Main thread only, for the signals.

    Raises:
        NoOutbox, NotConfigured: an address is missing.
        OSError: the address for metrics and health is taken.
    """
    stopped = StopSignal()
    end_process_on_thread_death()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopped.give())
    with ExitStack() as stack:
        client = connect(valkey_address(settings))
        stack.callback(client.close)
        engine = create_engine(outbox_address(settings), application="leeward outbox relay")
        stack.callback(engine.dispose)
        relay = Relay(engine, client)
        relay.start()
        stack.callback(relay.stop, STOP_LIMIT)
        url = stack.enter_context(
            serve_collectors(
                settings.http_host,
                settings.outbox_http_port,
                RelayMetrics(relay, lambda: _providers(client)),
                problems=lambda: relay_problems(relay.sign, relay.quiet),
            )
        )
        _log.info("outbox_relay_started", metrics=f"{url}/metrics", health=f"{url}/health/ready")
        stopped.wait()
    _log.info("outbox_relay_stopped", sent=relay.moved.sent.total())


def _providers(client: redis.Redis) -> Iterable[str]:
    with suppress(redis.RedisError):
        return known_providers(client)
    return ()
