"""How each provider is guarded by default."""

from collections.abc import Mapping
from datetime import timedelta
from types import MappingProxyType
from typing import Any

from broker.guards.config import GuardConfig

DEFAULTS: Mapping[str, GuardConfig] = MappingProxyType(
    {
        "jellyfin": GuardConfig(limit=10),
        # Relays commonly allow ten sessions; five leave room for others.
        "smtp": GuardConfig(limit=5),
        # Many hosts under one name: one that is down, or asks for patience, must not stop the others.
        "http": GuardConfig(limit=2, observe=True, hold=False),
    }
)


UNGUARDED = GuardConfig(observe=True, hold=False)
"""For what calls no provider, as the periodic actors: nothing is held back but by the own numbers of its actors."""

PROFILES: Mapping[str, Mapping[str, Any]] = MappingProxyType(
    {
        "production": {},
        # People wait for what they have just tried.
        "development": {
            "open_for": timedelta(seconds=5),
            "open_at_most": timedelta(minutes=1),
            "ramp": timedelta(seconds=5),
        },
        # Nothing waits longer than a test should.
        "testing": {
            "open_for": timedelta(seconds=1),
            "open_at_most": timedelta(seconds=5),
            "ramp": timedelta(seconds=1),
            "window": timedelta(seconds=2),
        },
    }
)
"""What each profile changes of the defaults."""
