"""Rule: whether a relay makes progress."""

from datetime import timedelta

from workers.relay.relay import RelaySign

QUIET = timedelta(seconds=20)
"""A relay reaches both servers every few seconds; after this long without, it cannot."""


def relay_problems(sign: RelaySign, quiet: timedelta) -> list[str]:
    """Why a relay is not ready, a sentence each. `quiet` is how long ago both servers were last reached."""
    if quiet <= QUIET:
        return []
    why = sign.problem or "it hangs; see its log"
    return [f"no row of the outbox could be enqueued for {quiet.total_seconds():.0f} s: {why}"]
