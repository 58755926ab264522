"""Jobs that tasks of one event loop enqueue at the same time: those that come while a call is underway go together in the next one."""

import asyncio
from collections.abc import Iterable
from typing import NamedTuple

from leeward.client.core import Core
from leeward.errors import Unavailable
from leeward.request import Answer, answer_to
from leeward.wire.entry import Entry, submission
from leeward.wire.running import running_job
from leeward.wire.steps import Steps, Wait
from leeward.wire.valkey.event_loop.link import Link
from leeward.wire.valkey.event_loop.performing import perform
from leeward.wire.valkey.event_loop.watch import Watch
from leeward.wire.valkey.performing import out_of_time


class _Member(NamedTuple):
    """A job whose caller waits.

    Attributes:
        end: of the caller's time limit.
    """

    entry: Entry
    answer: "asyncio.Future[Answer]"
    end: float


class _Gathering:
    """The jobs for one provider.

    Attributes:
        is_busy: a call is underway.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop, limit_seconds: float) -> None:
        self.loop = loop
        self.is_busy = False
        self.task: asyncio.Task[None] | None = None
        self._limit_seconds = limit_seconds
        self._waiting: list[_Member] = []
        self._sent: list[_Member] = []
        self._watch = Watch(loop, self._ends, self._give_up)

    @property
    def has_waiting(self) -> bool:
        return bool(self._waiting)

    def join(self, entry: Entry) -> "asyncio.Future[Answer]":
        member = _Member(entry, self.loop.create_future(), self.loop.time() + self._limit_seconds)
        self._waiting.append(member)
        self._watch.until(member.end)
        return member.answer

    def take(self) -> list[_Member]:
        """Those that go together in the next call: all that have come, but callers that wait no longer."""
        self._sent, self._waiting = _open(self._waiting), []
        if not self._sent:
            self._watch.stop()
        return self._sent

    def _ends(self) -> list[float]:
        return [member.end for member in _open((*self._sent, *self._waiting))]

    def _give_up(self) -> None:
        for member in _open((*self._sent, *self._waiting)):
            if member.end <= self.loop.time():
                member.answer.set_exception(out_of_time(self._limit_seconds, None))


class GatheringCore(Core):
    """The core of `AsyncLeeward`."""

    def __init__(self, link: Link, limit_seconds: float) -> None:
        super().__init__(link.user)
        self._link = link
        self._limit_seconds = limit_seconds
        self._gatherings: dict[tuple[str, bool], _Gathering] = {}
        self._preparing: asyncio.Future[None] | None = None

    def _submit_one(self, provider: str, entry: Entry) -> Steps[Answer]:
        exempt = running_job.get() is not None
        gathering, loop = self._gatherings.get((provider, exempt)), asyncio.get_running_loop()
        if gathering is None or gathering.loop is not loop:
            gathering = self._gatherings[provider, exempt] = _Gathering(loop, self._limit_seconds)
        if gathering.is_busy:
            answer: Answer = yield Wait(gathering.join(entry))
            return answer
        gathering.is_busy = True
        try:
            return (yield from super()._submit_one(provider, entry))
        finally:
            if gathering.has_waiting:
                self._go_on(gathering, provider, exempt=exempt)
            else:
                gathering.is_busy = False

    def _prepare(self, queues: set[str], *, require_worker: bool) -> Steps[None]:
        loop = asyncio.get_running_loop()
        while queues - self._declared and (other := self._preparing) is not None and other.get_loop() is loop:
            # A task that is cancelled must not cancel it for the others.
            yield Wait(asyncio.shield(other), is_limited=True)
        own = self._preparing = loop.create_future()
        try:
            yield from super()._prepare(queues, require_worker=require_worker)
        finally:
            self._preparing = None
            own.set_result(None)

    def _go_on(self, gathering: _Gathering, provider: str, *, exempt: bool) -> None:
        members = gathering.take()
        gathering.is_busy = bool(members)
        if members:
            sending = self._send(gathering, members, provider, exempt=exempt)
            gathering.task = gathering.loop.create_task(sending)

    async def _send(self, gathering: _Gathering, members: list[_Member], provider: str, *, exempt: bool) -> None:
        steps = submission(self._clocks, provider, [member.entry for member in members], exempt=exempt)
        try:
            refusals = await perform(self._link, steps, self._limit_seconds)
        except Exception as error:
            for member in _open(members):
                member.answer.set_exception(_own(error))
        else:
            for at, member in enumerate(members):
                if not member.answer.done():
                    member.answer.set_result(answer_to(provider, member.entry, refusals.get(at)))
        finally:
            for member in _open(members):
                member.answer.cancel()  # the loop ends
            self._go_on(gathering, provider, exempt=exempt)


def _open(members: Iterable[_Member]) -> list[_Member]:
    """Those whose callers still wait."""
    return [member for member in members if not member.answer.done()]


def _own(error: Exception) -> Exception:
    """An error of one caller's own: the tracebacks of one that many raise would grow together."""
    own = type(error)(*error.args) if type(error) is Unavailable else error
    own.__cause__ = error.__cause__
    return own
