"""What a session reports to the consumers that share it."""

from typing import Protocol


class Listener(Protocol):
    """A consumer of one queue, as its session knows it. Its methods are called from any thread."""

    @property
    def queue_name(self) -> str: ...
    @property
    def provider(self) -> str: ...

    def wake(self) -> None:
        """There may be jobs: look again now."""

    def give_back(self) -> None:
        """Return the jobs that were fetched and not started."""

    def finished_one(self, queue: str, remaining: int) -> None:
        """A thread has finished a job of `queue`; the process holds `remaining` more of it."""
