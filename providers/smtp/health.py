"""How a relay is."""

import time
import uuid
from collections.abc import Callable
from datetime import timedelta

from leeward.extension import Health, SessionPermits
from leeward.extension.errors import AuthFailed, ProviderError
from providers.smtp.config import SmtpConfig
from providers.smtp.connections.sign_in import sign_in

WAIT = timedelta(seconds=5)
"""How long a probe waits for its turn among the sessions of the fleet; then it is one more than the limit, so that a relay whose sessions
all hang is seen."""
LONGEST_LOOK = timedelta(seconds=20)
"""For everything after that: a person may wait for the answer."""
SIGN_IN_AGAIN_AFTER = timedelta(minutes=5)
"""Relays lock accounts, and addresses, after a few refused passwords in a quarter of an hour; one probe a minute is enough for that."""
_LOOK_AGAIN_SECONDS = 0.05


class HealthLook:
    """Healthy means that a new session can be opened and signed in: all that is needed before a message.

    A refused password is not tried again for `SIGN_IN_AGAIN_AFTER`. Safe to use from any number of threads.
    """

    def __init__(
        self, config: SmtpConfig, permits: SessionPermits, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._config = config
        self._permits = permits
        self._clock = clock
        self._refused: tuple[float, Health] | None = None

    def check(self) -> Health:
        """No answer is an answer too. Raises what `permits` raises: whether a session may be opened is not known then."""
        if self._refused and self._clock() - self._refused[0] < SIGN_IN_AGAIN_AFTER.total_seconds():
            return self._refused[1]
        self._refused = None
        session_id = uuid.uuid4().hex
        self._wait_for_turn(session_id)
        began = self._clock()
        try:
            session = sign_in(self._config, within=LONGEST_LOOK)
            latency = timedelta(seconds=self._clock() - began)
            session.take_leave()
        except ProviderError as error:
            return self._unwell(error, timedelta(seconds=self._clock() - began))
        finally:
            self._permits.release(session_id)
        return Health(ok=True, detail="ready for mail", latency=latency)

    def _unwell(self, error: ProviderError, latency: timedelta) -> Health:
        found = Health(ok=False, detail=f"{error.operation}: {error}", latency=latency)
        if isinstance(error, AuthFailed):
            self._refused = (self._clock(), found)
        return found

    def _wait_for_turn(self, session_id: str) -> None:
        end = self._clock() + WAIT.total_seconds()
        while not self._permits.acquire(session_id) and self._clock() < end:
            time.sleep(_LOOK_AGAIN_SECONDS)
