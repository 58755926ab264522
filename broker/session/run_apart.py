"""A queue's suspects, run in a process that runs nothing else: asked for, marked as alone together, and joined by others in the end."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import redis
import structlog

from broker.crashes.isolation import Asks, Step
from broker.session.session import Session
from leeward.jobs.queue_name import provider_of
from leeward.wire.keys import ProviderKeys
from leeward.wire.script import Script

FIRST_JOB, JOB_FIELDS = 7, 4
"""Where the jobs begin in `admit.lua`'s reply, and how many fields each of them has."""

_log = structlog.get_logger(__name__)
_apart = Script("broker.scripts", "apart.lua")


def next_step(session: Session, queue: str) -> Asks | None:
    """What to ask for now in the process that runs this queue's suspects. None when nothing is to be asked."""
    isolation = session.isolation
    match isolation.step():
        case Step.ASK:
            return isolation.ask(queue)
        case Step.REJOIN if _are_apart_no_longer(session, queue):
            isolation.end()
            session.wake_all()
        case None:
            session.wake_all()
    return None


@contextmanager
def admitted(session: Session, queue: str, asked: Asks, reply: list[Any]) -> Iterator[bool]:
    """Around the reception of what `admit.lua` answered. Gives whether these jobs may start.

    Suspects may not while it is not on record that they run apart: whether a job was alone must be known when its process stops.
    """
    jobs = [(reply[at], reply[at + 1]) for at in range(FIRST_JOB, len(reply), JOB_FIELDS)]
    may_start = asked is not Asks.APART or not jobs or _mark(session, queue, jobs, together=len(jobs))
    try:
        yield may_start
    finally:
        changed = session.isolation.answered(
            queue, asked, invited=bool(reply[4]), got=len(jobs) if may_start else 0, alone_seconds=reply[5] / 1000
        )
        if changed and session.isolation.queue is not None:
            session.give_back()
        if changed:
            session.wake_all()


def _mark(session: Session, queue: str, jobs: Iterable[tuple[bytes | str, bytes | str]], *, together: int) -> bool:
    """Records how many run apart together. False when Valkey cannot be reached."""
    arguments = [part for pair in jobs for part in pair]
    try:
        _apart(session.client, ProviderKeys(provider_of(queue)).root, [together, *arguments])
    except redis.RedisError as error:
        _log.warning("suspects_not_marked", queue=queue, together=together, error=str(error))
        return False
    return True


def _are_apart_no_longer(session: Session, queue: str) -> bool:
    return _mark(session, queue, [(one.message_id, one.token) for one in session.held.leased()], together=0)
