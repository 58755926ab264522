"""Threads that a process cannot do without."""

import threading
import time


class EndedUnasked(Exception):
    """Raised in a vital thread whose work came to an end before anyone had asked for it."""


class VitalThread(threading.Thread):
    """A daemon thread whose loop must not end before `ask_to_stop`. Subclasses write the loop: `serve`.

    Whatever leaves `serve`, an exception of any kind or a plain return, reaches `threading.excepthook`, and so does a thread that the
    system refuses to start. In the processes of a fleet that hook ends the process (`broker.threads.thread_death`), so that it is started
    again:
    one that continues without its committer, for example, would have jobs that never end.

    Attributes:
        moved_at: when the loop last went round, on the monotonic clock; for those that look for threads that hang.
    """

    def __init__(self, name: str) -> None:
        super().__init__(name=name, daemon=True)
        self.moved_at = time.monotonic()
        self._stopping = threading.Event()

    @property
    def is_stopping(self) -> bool:
        return self._stopping.is_set()

    def ask_to_stop(self) -> None:
        """From any thread. Returns at once."""
        self._stopping.set()

    def start(self) -> None:
        """Raises what `threading.Thread.start` raises, after calling the hook."""
        try:
            super().start()
        except Exception as error:
            threading.excepthook(threading.ExceptHookArgs((type(error), error, error.__traceback__, self)))
            raise

    def run(self) -> None:
        self.serve()
        if not self.is_stopping:
            raise EndedUnasked(f"the thread {self.name} has ended, although it was not asked to")

    def serve(self) -> None:
        """The loop. Returns after `ask_to_stop`, and only then."""
        raise NotImplementedError

    def move(self) -> None:
        """To be called once a round, at least every few seconds."""
        self.moved_at = time.monotonic()

    def rest(self, seconds: float) -> bool:
        """Waits, or less when it is asked to stop meanwhile. Returns whether it was."""
        self.move()
        return self._stopping.wait(seconds)
