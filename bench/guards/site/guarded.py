"""Leeward with guards declared, and plain Dramatiq, whose workers can both visit a site."""

import json
import os
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

import dramatiq
from dramatiq import Message

from bench.systems import LEEWARD, PLAIN, System
from broker.guards.config import GuardConfig

GUARDS = "BENCH_GUARDS"
LEASE = "BENCH_LEASE_MS"
DEFAULT_LEASE = timedelta(seconds=15)

PLAIN_VISITORS = replace(PLAIN, worker_module="bench.guards.site.plain:broker")


def guarded(configs: Mapping[str, GuardConfig], *, lease: timedelta = DEFAULT_LEASE) -> System:
    """Every ring on, and these guards by provider."""
    given = {provider: config.to_fields() for provider, config in configs.items()}
    env = {GUARDS: json.dumps(given), LEASE: str(round(lease.total_seconds() * 1000))}
    return replace(LEEWARD, name="leeward", worker_module="bench.guards.site.worker:broker", env=env)


def given_guards() -> dict[str, GuardConfig]:
    """In a worker: the guards that the benchmark gave it."""
    given: dict[str, dict[str, int | float]] = json.loads(os.environ[GUARDS])
    return {
        provider: GuardConfig.from_fields({name: str(value) for name, value in stored.items()})
        for provider, stored in given.items()
    }


def given_lease() -> timedelta:
    """In a worker: the lease that the benchmark gave it."""
    return timedelta(milliseconds=int(os.environ[LEASE]))


def send_visit(broker: dramatiq.Broker, queue: str, number: int, **options: int) -> None:
    """Enqueues a job that visits the site."""
    broker.enqueue(Message(queue_name=queue, actor_name="visit", args=(number,), kwargs={}, options=options))
