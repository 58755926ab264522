"""Self-drain as `leeward.toml` and the environment have it.

[actors."sync.invoice"]
self_drain = true               # dead letters of an outage are replayed by themselves

[self_drain]                    # how; every line may be left out
actors = ["sync.invoice"]       # the same as above, for several
healthy_for = "10m"
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from leeward.duration import Duration

_LARGEST = 2**31 - 1


class SelfDrainSettings(BaseModel):
    """`workers.background.replays.self_drain.SelfDrainConfig` explains them. Descriptions say what to write."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    actors: tuple[str, ...] = Field(
        (),
        title="Kinds of jobs whose dead letters of an outage are replayed without an operator",
        description="kinds of jobs, as sync.invoice,sync.customer",
    )
    healthy_for: Duration = Field(
        timedelta(minutes=10),
        title="How long the provider must have been healthy before",
        description="a duration as 10m",
    )
    canary: int = Field(5, ge=1, le=_LARGEST, title="How many are tried first", description="a whole number above 0")
    per_second: float = Field(
        5.0, gt=0, le=_LARGEST, title="How many are enqueued per second", description="a number above 0"
    )
    generations: int = Field(
        1, ge=1, le=_LARGEST, title="How often a job may be replayed this way", description="a whole number above 0"
    )
    rest: Duration = Field(
        timedelta(hours=1),
        title="How long nothing is tried again after a replay was stopped",
        description="a duration as 1h",
    )

    def wanted(self, tables: Mapping[str, Any]) -> tuple[str, ...]:
        """The actors that opt in, here or in their own tables, sorted."""
        own = (name for name, table in tables.items() if isinstance(table, Mapping) and table.get("self_drain") is True)
        return tuple(sorted({*self.actors, *own}))
