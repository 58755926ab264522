"""A worker host: the worker processes of one machine, its metrics and health, the drain of the dead letters and their replays."""

import os
import socket
import sys
from contextlib import ExitStack
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import structlog

from broker.fleet.queues import known_providers
from broker.periodic.schedule import schedule_of
from broker.threads.thread_death import end_process_on_thread_death
from leeward.jobs.kinds import KINDS
from leeward.wire.valkey.connection import connect
from workers.monitoring.fleet.fleet_gauges import FleetGauges
from workers.monitoring.fleet.letter_gauges import LetterGauges
from workers.monitoring.heartbeats import remove_dead
from workers.monitoring.host_folder import host_folder
from workers.monitoring.host_gauges import HostGauges
from workers.monitoring.host_http import serve
from workers.monitoring.machine.checks import check_disk, check_memory, check_postgresql, check_valkey, host_folders
from workers.monitoring.machine.probes import MachineProbes
from workers.monitoring.process_metrics import ProcessMetrics
from workers.monitoring.readiness import drain_problems
from workers.processes.addresses import valkey_address
from workers.settings.settings import Settings, environment_with
from workers.supervisor import ProcessSpec, Supervisor

if TYPE_CHECKING:
    from workers.background.drainer import Drainer

_log = structlog.get_logger(__name__)


def run(settings: Settings) -> None:
    """Runs until SIGTERM or SIGINT, then drains. Main thread only.

    Each process is its own interpreter, so that one that crashes or hangs affects no other; it is started again.

    Raises:
        NotConfigured: there is no address of a Valkey.
        CannotRun: no worker process can use what is installed and configured.
        OSError: the address for metrics and health is taken.
    """
    end_process_on_thread_death()
    address = valkey_address(settings)
    with ExitStack() as stack:
        folder = stack.enter_context(host_folder())
        metrics = ProcessMetrics(folder)
        client = connect(address)
        stack.callback(client.close)
        drainer = _start_drainer(settings, stack)
        _start_adopter(settings, stack)
        _start_sweeper(settings, stack)
        fleet = FleetGauges(client, _letters(settings, stack))
        probes = _start_machine_probes(settings, stack)
        own, more = HostGauges(client, drainer, probes.gauges), partial(_drain_problems, drainer)
        url = stack.enter_context(serve(settings, folder, metrics, own, fleet=fleet, more_problems=more))
        _log.info("host_serves", metrics=f"{url}/metrics", fleet=f"{url}/metrics/fleet", health=f"{url}/health/ready")
        environment = environment_with(LEEWARD_VALKEY_URL=address, PROMETHEUS_MULTIPROC_DIR=str(folder))
        Supervisor(
            [
                ProcessSpec(
                    name=f"worker-{number}",
                    argv=(sys.executable, "-m", "workers.processes.worker_start", str(folder)),
                    env=environment,
                )
                for number in range(settings.processes)
            ],
            drain=settings.drain + KILL_MARGIN,
            together=True,
            on_end=lambda: _clear_up(folder, metrics),
        ).run()


def _clear_up(folder: Path, metrics: ProcessMetrics) -> None:
    remove_dead(folder)
    metrics.merge_dead()


STOP_LIMIT = timedelta(seconds=10)
"""For the current batch of a drainer or a replay. Work that is cut off is done again by the next process."""
KILL_MARGIN = timedelta(seconds=10)
"""A process that ends within its drain time must not be killed while it stops."""


def _drain_problems(drainer: "Drainer | None") -> list[str]:
    return drain_problems(drainer.sign) if drainer else []


def _letters(settings: Settings, stack: ExitStack) -> LetterGauges | None:
    """Without a database there are none to count."""
    if settings.database_url is None:
        return None
    from storage.database.engine import create_engine  # SQLAlchemy is slow to import
    from storage.dead_letters.open_letters import count_open

    engine = create_engine(settings.database_url.get_secret_value(), pool_size=1, application="leeward metrics")
    stack.callback(engine.dispose)

    def count() -> dict[tuple[str, str], int]:
        with engine.connect() as connection:
            return count_open(connection)

    return LetterGauges(count)


def _start_machine_probes(settings: Settings, stack: ExitStack) -> MachineProbes:
    """Every host looks at its machine, and at the servers as they are seen from there."""
    client = connect(valkey_address(settings))
    stack.callback(client.close)
    checks = [check_valkey(client), check_memory, check_disk(host_folders)]
    if settings.database_url is not None:
        from storage.database.engine import create_engine  # SQLAlchemy is slow to import

        url = settings.database_url.get_secret_value()
        engine = create_engine(url, pool_size=1, application="leeward probes")
        stack.callback(engine.dispose)
        checks.insert(1, check_postgresql(engine))
    probes = MachineProbes(client, checks, schedule_of(settings.probe_schedule))
    probes.start()
    stack.callback(probes.stop, STOP_LIMIT)
    return probes


def _start_sweeper(settings: Settings, stack: ExitStack) -> None:
    """Any number of hosts may end jobs that are late in queues without a worker."""
    from workers.background.unserved_deadlines import DeadlineSweeper

    client = connect(valkey_address(settings))
    stack.callback(client.close)
    sweeper = DeadlineSweeper(client)
    sweeper.start()
    stack.callback(sweeper.stop, STOP_LIMIT)


def _start_drainer(settings: Settings, stack: ExitStack) -> "Drainer | None":
    """Any number of hosts may drain. Without a database the dead letters stay in their outbox, for a host that has one."""
    if settings.database_url is None:
        _log.warning("dead_letters_stay_in_outbox", reason="LEEWARD_DATABASE_URL is not set")
        return None
    from storage.database.engine import create_engine  # SQLAlchemy is slow to import
    from workers.background.drainer import Drainer
    from workers.recovery.own_actions import reconnect_database
    from workers.recovery.recovery import Recovery

    client = connect(valkey_address(settings))
    stack.callback(client.close)
    engine = create_engine(settings.database_url.get_secret_value())
    stack.callback(engine.dispose)
    recovery = Recovery(
        client, [reconnect_database(lambda: engine)], by=lambda: f"{socket.gethostname()}:{os.getpid()}"
    )
    drainer = Drainer(
        client,
        engine,
        lambda: known_providers(client),
        recover=lambda failure: recovery.recover(failure) is not None,
    )
    drainer.start()
    stack.callback(drainer.stop, STOP_LIMIT)
    return drainer


def _start_adopter(settings: Settings, stack: ExitStack) -> None:
    """Any number of hosts may run replays. Without a database there are none."""
    if settings.database_url is None:
        return
    from storage.database.engine import create_engine  # SQLAlchemy is slow to import
    from storage.job_kinds import stored_kinds
    from workers.background.replays.replay_loop import MOST, ReplayLoop
    from workers.background.replays.run import Fleet
    from workers.background.replays.self_drain import SelfDrain, SelfDrainConfig

    client = connect(valkey_address(settings))
    stack.callback(client.close)
    # Each replay keeps a connection, and its drains take another one for a moment.
    engine = create_engine(settings.database_url.get_secret_value(), pool_size=MOST + 2)
    stack.callback(engine.dispose)
    stack.enter_context(KINDS.following(partial(stored_kinds, engine)))
    fleet = Fleet(engine, client, lambda: known_providers(client))
    config = SelfDrainConfig.of(settings)
    adopter = ReplayLoop(fleet, None if config is None else SelfDrain(fleet, config))
    adopter.start()
    stack.callback(adopter.stop, STOP_LIMIT)
