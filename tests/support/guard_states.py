"""The guards of a provider as they are read, without a server."""

from broker.guards.config import GuardConfig, Mode
from broker.guards.store import GuardState

CLOSED = GuardState(
    provider="jellyfin",
    config=GuardConfig(),
    overrides={},
    mode=Mode.AUTO,
    state="closed",
    until=None,
    mode_until=None,
    cause="",
    since=None,
    held_until=None,
    held_because="",
    limit=0,
    limit_because="",
    in_use=0,
    probes=0,
    sick={},
    actors={},
)
"""Nothing is the matter, nothing runs, nothing is limited."""
