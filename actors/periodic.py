"""What Leeward's own periodic actors have in common: a tick that could not run is tried again until its catch-up span is over."""

from datetime import timedelta
from typing import Any

TRIED_AGAIN: dict[str, Any] = {
    # The deadline that the scheduler gives a tick ends it, not a number. A later tick that becomes due meanwhile is merged into it.
    "max_retries": 100_000,
    "min_backoff": round(timedelta(seconds=5) / timedelta(milliseconds=1)),
    "max_backoff": round(timedelta(minutes=5) / timedelta(milliseconds=1)),
}
"""Actor options."""
