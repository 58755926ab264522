"""Health probes: at the start and then regularly one for each provider, with the result stored where all workers can read it."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import timedelta
from typing import Any

import dramatiq
import structlog

from actors.each import NothingDone, each
from actors.periodic import declare_periodic
from leeward.extension import Health

QUEUE = "probes"
TIME_LIMIT_MS = 30_000

_log = structlog.get_logger(__name__)


def actor_name(provider: str) -> str:
    return f"probe.{provider}"


def declare_probes(
    broker: dramatiq.Broker,
    checks: Mapping[str, Callable[[], Health]],
    record: Callable[[str, Health], bool],
    *,
    schedule: str | timedelta,
    is_enabled: Callable[[str], bool] = lambda _: True,
) -> list["dramatiq.Actor[..., Any]"]:
    """Declares a periodic actor `probe.<provider>` for each provider.

    Their queue is one of its own, so that a full or paused provider can still be looked at.

    Args:
        broker: where to declare them.
        checks: how to look at each provider, by name; returns a finding for every failure instead of raising.
        record: keeps a finding; True when it differs from the one before it.
        is_enabled: whether a provider is switched on: nothing looks at one that is off.
        schedule: a cron schedule, or a duration (`broker.periodic.schedule.schedule_of`).
    """
    return [_declare(broker, provider, check, record, schedule, is_enabled) for provider, check in checks.items()]


def _declare(
    broker: dramatiq.Broker,
    provider: str,
    check: Callable[[], Health],
    record: Callable[[str, Health], bool],
    schedule: str | timedelta,
    is_enabled: Callable[[str], bool],
) -> "dramatiq.Actor[..., Any]":
    def look(_: str) -> None:
        if not is_enabled(provider):
            return
        health = check()
        if record(provider, health):
            _log.info("provider_health_changed", provider=provider, healthy=health.ok, detail=health.detail)

    def probe() -> None:
        # The next tick is the retry, and dead letters of probes would be useless: a failed probe is logged and counted.
        with suppress(NothingDone):
            each(broker, actor_name(provider), [provider], look, str)

    return declare_periodic(
        broker,
        probe,
        name=actor_name(provider),
        queue=QUEUE,
        schedule=schedule,
        max_retries=0,
        time_limit=TIME_LIMIT_MS,
        at_start=True,
    )
