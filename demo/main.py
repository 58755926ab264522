"""`leeward demo`: runs the scenes in order."""

import json
import shlex
import sys
import time
from contextlib import suppress

from demo.accounting import count, report
from demo.accounting.failure_check import FailureCheck
from demo.accounting.ledger import Fate
from demo.pace import FULL, QUICK
from demo.processes import producer_process
from demo.processes.environment import Environment, set_up
from demo.processes.fleet import COMMAND
from demo.processes.interrupts import one_interrupt
from demo.run import Run, running
from demo.scenes import dead_letters, kill, opening, outage
from demo.screen import DemoScreen
from workers.processes.logs import configure


def run(*, quick: bool, stay: bool, as_json: bool = False) -> int:
    """Runs it. 0 when every number of the ledger is right, else 1. Main thread only.

    Raises:
        Failed: it could not run to its end.
        KeyboardInterrupt: by Ctrl-C, SIGTERM or SIGHUP; nothing is left behind.
    """
    configure(level="CRITICAL")
    producer_process.check()
    screen = DemoScreen(to_stderr=as_json)
    pace = QUICK if quick else FULL
    with one_interrupt():
        screen.scene("1. From nothing")
        screen.say("starting Valkey, PostgreSQL, workers, a scheduler and three simulated providers")
        with set_up(pace) as stage, running(stage, screen, pace) as performance:
            problems = _reckon(performance, _play(performance), as_json=as_json)
            if stay:
                with suppress(KeyboardInterrupt):
                    _stay(stage, performance)
                screen.say("stopping everything")
    return 1 if problems else 0


def _play(performance: Run) -> FailureCheck:
    screen = performance.screen
    with screen.live():
        opening.play(performance)
        kill.prepare(performance)
        screen.scene("2. Jellyfin fails")
        until = outage.begin(performance)
        screen.scene("3. A worker is killed")
        kill.play(performance)
        outage.look_closer(performance)
        outage.end(performance, until)
        outage.settle_down(performance)
    ledger = count.count(performance.stage, performance.orders, performance.pace)
    screen.say(
        f"counted outside: {ledger.count(Fate.DONE)} of {len(ledger.entries)} effects;"
        f" {ledger.count(Fate.DEAD)} jobs died, {ledger.count(Fate.UNKNOWN)} mails are parked"
    )
    circuit = [change.event for change in performance.watch.transitions("jellyfin")]
    plot = FailureCheck(
        ledger, performance.news.restarts, [event for event in circuit if event in {"opened", "closed"}]
    )
    screen.scene("4. Dead letters")
    dead_letters.play(performance)
    return plot


def _reckon(performance: Run, plot: FailureCheck, *, as_json: bool) -> list[str]:
    """Shows the ledger and returns everything that is wrong."""
    stage, screen, orders = performance.stage, performance.screen, performance.orders
    ledger = count.count(stage, orders, performance.pace)
    problems = [*plot.problems(), *orders.problems(), *ledger.problems(), *count.shared_message_ids(stage)]
    screen.scene("The ledger, counted at the providers and on the disk")
    report.show(screen, ledger, orders)
    for problem in problems:
        screen.line(f"OFF  {problem}", style="bold red")
    if not problems:
        screen.line("Every number is right: nothing lost, nothing repeated.", style="bold green")
    if as_json:
        sys.stdout.write(json.dumps(report.document(ledger, orders, problems), indent=2) + "\n")
        sys.stdout.flush()
    return problems


def _stay(stage: Environment, performance: Run) -> None:
    """Until Ctrl-C."""
    screen = performance.screen
    screen.scene("Still running. Stop it with Ctrl-C; all processes and files are removed.")
    screen.line(f"metrics   {performance.news.metrics_url}")
    for simulator in stage.simulators:
        screen.line(f"{simulator.child.name:<20}{simulator.url}")
    screen.line(f"log       {stage.fleet.child.log}")
    screen.line("in another terminal:")
    screen.line(f"  export LEEWARD_DATA_DIR={shlex.quote(str(stage.data_dir))}")
    for command in ("queues", "dlq list", "enqueue sync.user --set user=alice"):
        screen.line(f"  {COMMAND} {command}")
    while True:
        performance.turn()
        time.sleep(1)
