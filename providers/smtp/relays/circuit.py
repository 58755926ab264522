"""Rule: when a relay is left alone, and when one mail tries it again."""

import threading
from collections.abc import Callable
from datetime import timedelta

from leeward.extension.errors import (
    AuthFailed,
    Misconfigured,
    ProviderError,
    QuotaExceeded,
    RateLimited,
    wait_after,
)

FAILURES = 3
"""In succession; then the relay is left alone."""
FIRST_PAUSE = timedelta(seconds=30)
LONGEST_PAUSE = timedelta(minutes=10)
TRIAL = timedelta(minutes=1)
"""After a pause one mail tries the relay; as long as that takes, up to this, no other one does."""
_CLEAR = (AuthFailed, Misconfigured, QuotaExceeded, RateLimited)
"""What the next mail would meet as well: once is enough."""


class Circuit:
    """The circuit of one relay in one process. Safe to use from any number of threads. The clock gives monotonic seconds."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._failures = 0
        self._pause = FIRST_PAUSE
        self.closed_from = 0.0
        """When a relay that is left alone is tried again; 0 for one that is not."""

    def admits(self) -> bool:
        """Whether a mail may try the relay. After a pause that is true once: the mail must report how it went."""
        with self._lock:
            if not self.closed_from:
                return True
            if self._clock() < self.closed_from:
                return False
            self.closed_from = self._clock() + TRIAL.total_seconds()
            # Here, not where it fails: mails that were under way together when it began to fail are one failure.
            self._pause = min(self._pause * 2, LONGEST_PAUSE)
            return True

    def succeeded(self) -> None:
        """The relay took a mail, or refused one recipient of it: it works."""
        with self._lock:
            self._failures, self._pause, self.closed_from = 0, FIRST_PAUSE, 0.0

    def failed(self, error: ProviderError) -> None:
        """The relay did not serve; `error` says why."""
        with self._lock:
            self._failures += 1
            if self._failures < FAILURES and not isinstance(error, _CLEAR):
                return
            pause = max(self._pause, wait_after(error) or self._pause)
            self.closed_from = self._clock() + pause.total_seconds()
