"""What the supervisor's loop may ask of anything that it keeps running."""

from typing import Protocol


class Supervised(Protocol):
    """A process of our own or an embedded server. Keeps to the supervisor's thread."""

    @property
    def was_ready(self) -> bool:
        """Whether it has ever been ready; stays true over restarts."""

    @property
    def due(self) -> float | None:
        """When to start it, in seconds of `time.monotonic`; None while it runs."""

    @property
    def is_running(self) -> bool: ...

    def tend(self) -> None:
        """Notices an end, starts what is due, and asks whether it is ready.

        Raises:
            CannotStart: at the first attempt only; later ones are tried again.
        """

    def terminate(self) -> None:
        """Asks it to end in good order."""

    def kill(self) -> None:
        """Ends it and all that it started, at once, and waits until they are gone."""
