"""Raises `CancelRequested` in the thread that runs a job, as Dramatiq does when a time limit is exceeded."""

import sys
from types import CodeType, FrameType

import dramatiq
from dramatiq.threading import current_platform, raise_thread_exception
from dramatiq.worker import WorkerThread

from broker.delivery.delivery import Delivery
from leeward.extension.cancel_requested import CancelRequested

_CALLS_ACTOR: CodeType = dramatiq.Actor.__call__.__code__
_PROCESSES: CodeType = WorkerThread.process_message.__code__


def interrupt(delivery: Delivery) -> bool:
    """Interrupts the actor of a delivery; only there, never in the code around it, which has to record how the job ends. False when no
    thread is inside the actor, or this Python cannot do so. What waits inside a system call is interrupted when that returns.
    """
    if current_platform != "CPython":
        return False
    for thread_id, frame in sys._current_frames().items():  # noqa: SLF001 # the only way to know where a thread is
        if _runs(frame, delivery):
            raise_thread_exception(thread_id, CancelRequested)
            return True
    return False


def _runs(frame: FrameType | None, delivery: Delivery) -> bool:
    in_actor = False
    while frame is not None:
        in_actor = in_actor or frame.f_code is _CALLS_ACTOR
        if frame.f_code is _PROCESSES:
            return in_actor and frame.f_locals.get("message") is delivery
        frame = frame.f_back
    return False
