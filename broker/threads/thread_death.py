"""What a process of the fleet does when one of its threads dies: it says so, and ends."""

import os
import signal
import sys
import threading

import structlog

from broker.threads.vital_thread import VitalThread

EXIT_CODE = 70
"""EX_SOFTWARE of sysexits.h. A supervisor starts the process again."""
LAST_WORDS_SECONDS = 5
"""A log that is not read must not keep the process alive."""
NAMED = "leeward-"
"""How the name of a thread begins that its process cannot do without."""

_log = structlog.get_logger(__name__)


def end_process_on_thread_death() -> None:
    """From now on the process ends with `EXIT_CODE` when a thread that it needs ends by an exception: see `is_vital`.

    An exception of any kind counts, SystemExit, too. Jobs that ran are delivered again when their leases run out. Other threads, as an
    actor may start them, are the actor's own: their end is logged.
    """
    threading.excepthook = _note_end


def is_vital(thread: threading.Thread | None) -> bool:
    """A `VitalThread`; one of Dramatiq's, which take jobs from queues, run them, and interrupt those that take too long; and any other
    that has our name, as a provider's may.
    """
    if thread is None:
        return False
    by_dramatiq = type(thread).__module__.partition(".")[0] == "dramatiq"
    return isinstance(thread, VitalThread) or by_dramatiq or thread.name.startswith(NAMED)


def _note_end(end: threading.ExceptHookArgs) -> None:
    thread = end.thread
    if is_vital(thread):
        _end_process(end)
    elif end.exc_type is not SystemExit:
        _log.error("thread_failed", thread=_name(thread), exc_info=end.exc_value)


def _end_process(end: threading.ExceptHookArgs) -> None:
    try:
        # No code here handles SIGALRM, and unhandled it ends the process.
        signal.alarm(LAST_WORDS_SECONDS)
        error = f"{end.exc_type.__name__}: {end.exc_value}"
        _log.critical(
            "thread_died",
            thread=_name(end.thread),
            error=error,
            advice="this process ends, and its supervisor starts it again; its jobs are delivered again",
            exc_info=end.exc_value,
        )
        sys.stderr.flush()
    finally:
        os._exit(EXIT_CODE)


def _name(thread: threading.Thread | None) -> str:
    if thread is None:
        return "unknown"
    return thread.name if isinstance(thread, VitalThread) else f"{type(thread).__name__} {thread.name}"
