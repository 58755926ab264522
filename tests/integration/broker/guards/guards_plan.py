"""What the machine of the guards does: its settings, the keys that they keep, and the ways in which a job may end."""

from typing import Any

from broker.guards.actor_config import ActorGuards
from tests.integration.broker.scripts.test_lifecycle_of_all_jobs import QUEUES

PROBES, BURST, OWN_BURST = 2, 6, 4
MAIL = QUEUES[1]
"""Whose actor has numbers of its own."""
SPELL = 21
DRAINED_BY_PROBES = 150
"""Jobs that are soon drained at the end, even two at a time."""
WORKERS = ["alpha:1", "alpha:2", "beta:1"]
NUMBERS: dict[str, Any] = {
    "limit": 6,
    "adaptive": True,
    "rate": 50.0,
    "burst": BURST,
    "probes": PROBES,
    "successes": 2,
    "streak": 3,
    "min_calls": 4,
    "actors": {QUEUES[0]: ActorGuards(), MAIL: ActorGuards(limit=2, rate=30.0, burst=OWN_BURST)},
}
OF_GUARDS = {
    "adaptive",
    "guards",
    "declared",
    "overrides",
    "circuit",
    "bucket",
    "workers",
    "event_stream",
    "events",
    "counts",
    "refused",
    "sick",
}
"""Bounded by settings, processes, queues or a number (leeward/wire/keys.py)."""
FAILED = {"call": "failed", "ms": 5, "outage": True}
LATER: dict[str, Any] = {"delay_ms": 1_500}
ENDINGS = {
    "succeeded": ("done", {"call": "ok", "ms": 3}),
    "succeeded slowly": ("done", {"call": "ok", "ms": 20_000}),
    "skipped": ("done", {}),
    "own bug": ("later", LATER),
    "failed": ("later", LATER | FAILED | {"attempts": 1}),
    "exhausted": ("dead", {"reason": "exhausted", "error": "{}", "attempts": 5} | FAILED),
    "refused": ("dead", {"reason": "permanent", "error": "{}", "call": "ok", "ms": 3}),
    "429": ("hold", {"delay_ms": 4_000, "cause": "429", "probe": False}),
    "login": ("hold", {"delay_ms": 40_000, "cause": "401", "probe": True}),
    "released": ("release", {}),
}
