from collections.abc import Callable
from typing import Any

import pytest
import redis

from tests.integration.broker.guards.guard_lab import GuardLab


@pytest.fixture
def guarded(valkey: "redis.Redis") -> Callable[..., GuardLab]:
    """`guarded(limit=3)`: a provider with these numbers, and the defaults for all others."""

    def make(**numbers: Any) -> GuardLab:
        return GuardLab(valkey, **numbers)

    return make
