"""What a running actor gets when its job is cancelled."""

from dramatiq.threading import Interrupt


class CancelRequested(Interrupt):
    """Raised in an actor whose job was cancelled, at its next safe point: `begin_effect`, `report_progress`, `stop_if_cancelled`, a piece
    of a download; or anywhere in its own code when it comes to none for a while. Its effect cannot begin any more.

    No `Exception`, so that an actor does not catch it unintentionally. Catch it to clean up, and raise it again.
    """
