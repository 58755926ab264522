"""Periodic actors from the command line."""

from datetime import timedelta

import pytest
import redis

from broker.periodic.plan import Plan
from broker.periodic.plans import publish
from broker.periodic.schedule import Cron
from broker.periodic.ticks import last_tick
from console.cli.exit_code import ExitCode
from leeward.wire.keys import QUEUES
from tests.acceptance.console.leeward import Command

REPORT = Plan("reports.morning", "reports", Cron("0 7 * * 1-5"), timedelta(hours=2))


@pytest.fixture
def scheduler(valkey: "redis.Redis") -> None:
    """What a scheduler leaves that has just checked an actor."""
    valkey.sadd(QUEUES, REPORT.queue)
    publish(valkey, REPORT)
    last_tick(valkey, REPORT.queue, REPORT.actor, begins_with=REPORT.schedule.text, is_scheduler=True)


@pytest.mark.usefixtures("scheduler")
def test_a_periodic_actor_is_listed_run_paused_and_resumed(leeward: Command) -> None:
    (listed,) = leeward("schedule", "list", "--json").json()["schedules"]
    assert (listed["actor"], listed["schedule"], listed["paused"]) == (REPORT.actor, "0 7 * * 1-5", None)
    assert listed["next_at"] is not None

    assert "as soon as a worker takes it" in leeward("schedule", "run", REPORT.actor).out
    assert "runs once for both" in leeward("schedule", "run", REPORT.actor).out

    leeward("schedule", "pause", REPORT.actor, "--because", "case 17")
    shown = leeward("schedule", "list")
    assert "paused" in shown.out
    assert "case 17" in shown.err
    assert "gets its ticks" in leeward("schedule", "resume", REPORT.actor).out
    assert "schedule_paused" in leeward("provider", "show", "reports").out


@pytest.mark.usefixtures("scheduler")
def test_the_nearest_name_is_proposed(leeward: Command) -> None:
    refused = leeward("schedule", "pause", "reports.mornin", expect=ExitCode.NOT_FOUND)

    assert "did you mean reports.morning?" in refused.err
