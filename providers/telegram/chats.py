"""What one process has learned of chats: which have another number now, and which take nothing any more."""

import threading
from collections import OrderedDict
from collections.abc import Callable
from datetime import timedelta

Chat = int | str
MOST_CHATS = 10_000


class Chats:
    """Safe to use from any number of threads. What another process has learned, this one learns by asking.

    Args:
        gone_for: how long a chat is taken for gone.
        clock: monotonic seconds.
    """

    def __init__(self, gone_for: timedelta, clock: Callable[[], float]) -> None:
        self._gone_for = gone_for
        self._clock = clock
        self._lock = threading.Lock()
        self._moved: OrderedDict[Chat, int] = OrderedDict()
        self._gone: OrderedDict[Chat, float] = OrderedDict()

    def moved(self, chat: Chat, to: int) -> None:
        """The group has become a supergroup."""
        with self._lock:
            self._moved[chat] = to
            _bound(self._moved)

    def current(self, chat: Chat) -> Chat:
        """The chat's number now."""
        with self._lock:
            return self._moved.get(chat, chat)

    def gone(self, chat: Chat) -> None:
        """It takes nothing of the bot any more."""
        if self._gone_for:
            with self._lock:
                self._gone[chat] = self._clock() + self._gone_for.total_seconds()
                _bound(self._gone)

    def is_gone(self, chat: Chat) -> bool:
        """Whether it was found to be so lately."""
        with self._lock:
            until = self._gone.get(chat)
            if until is not None and until <= self._clock():
                del self._gone[chat]
                until = None
            return until is not None


def _bound(known: OrderedDict[Chat, int] | OrderedDict[Chat, float]) -> None:
    while len(known) > MOST_CHATS:
        known.popitem(last=False)
