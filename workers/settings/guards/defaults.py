"""How each provider is guarded by default."""

from collections.abc import Mapping
from datetime import timedelta
from types import MappingProxyType
from typing import Any

from broker.guards.config import GuardConfig

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
