"""Which hosts answered lately: where others do, the one that does not is to blame, and not our network."""

import threading
from collections import OrderedDict
from collections.abc import Callable
from datetime import timedelta

LATELY = timedelta(minutes=2)
_MOST_HOSTS = 256


class Reach:
    """What one process has seen. Safe to use from any number of threads. The clock gives monotonic seconds."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._answered: OrderedDict[str, float] = OrderedDict()
        self._lock = threading.Lock()

    def answered(self, host: str) -> None:
        """The host gave an answer, whichever, that a working host gives."""
        with self._lock:
            self._answered[host] = self._clock()
            self._answered.move_to_end(host)
            while len(self._answered) > _MOST_HOSTS:
                self._answered.popitem(last=False)

    def others_answer(self, host: str) -> bool:
        """Whether any other host answered lately."""
        oldest = self._clock() - LATELY.total_seconds()
        with self._lock:
            return any(name != host and when >= oldest for name, when in self._answered.items())
