"""One queue's jobs, as Dramatiq's consumer threads ask for them. Where a job becomes leased: `_admit`."""

import random
import threading
import time
from collections import deque
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

import redis
from dramatiq import Message
from dramatiq.broker import Consumer as DramatiqConsumer
from dramatiq.broker import MessageProxy
from dramatiq.errors import ActorNotFound, DecodeError

from broker.crashes.isolation import Asks
from broker.delivery.decoding import decode
from broker.delivery.delivery import Delivery
from broker.delivery.failure import describe
from broker.delivery.outcomes import Dead, Done, Release
from broker.delivery.rejection import rejection
from broker.events import Admitted, BrokerAway, BrokerBack, CrashLoopFound, LeasesReclaimed, Throttled, TurnedAway
from broker.session.run_apart import FIRST_JOB, JOB_FIELDS, admitted, next_step
from broker.session.session import Session
from broker.session.settle_payload import KEY_KEPT
from broker.session.throttle import Throttle
from leeward.jobs.dead_reason import DeadReason
from leeward.jobs.queue_name import provider_of
from leeward.wire.keys import ProviderKeys
from leeward.wire.script import Script
from leeward.wire.valkey.refusal import sentence

FIRST_PAUSE_SECONDS = 0.1
LONGEST_PAUSE_SECONDS = 2.0
HOARD_SECONDS = 1.0
"""How long a process keeps jobs that it has no thread for."""
RUNS_AHEAD = (b"", b"empty", b"paused")
"""Answers after which jobs may be fetched ahead of the threads. Where a guard counts running jobs, no process keeps permits unused."""

_admit = Script("broker.scripts", "admit.lua")


class Consumer(DramatiqConsumer):
    """Asks for as many jobs as there is room for, and otherwise sleeps: until a job is finished, until it is woken, until the instant that
    `admit` named, or for the few seconds after which it looks by itself.

    While Valkey cannot be reached it waits and then continues; nothing is raised, so Dramatiq has nothing to restart.
    """

    def __init__(self, session: Session, queue_name: str, timeout_ms: int) -> None:
        self.queue_name = queue_name
        self._session = session
        self.provider = provider_of(queue_name)
        self._timeout_seconds = timeout_ms / 1000
        self._fetched: deque[Delivery] = deque()
        self._woken = threading.Event()
        self._look_at = 0.0
        self._wake_pending = False
        # There was more than we took, so that a freed thread is a reason to ask again.
        self._more_available = True
        self._low_water = 0
        self._ahead = True
        self._throttle = Throttle()
        self._capped_since = 0.0
        self._pause_seconds = 0.0
        self._closed = False
        session.join(self)

    def __next__(self) -> Delivery | None:
        if not self._fetched:
            self._fetch_or_rest()
        return self._hand_out()

    def ack(self, message: MessageProxy) -> None:
        """Ends a delivery as the rings decided; as a success when none did, unless its actor was not there to run."""
        delivery = _own(message)
        # Dramatiq's own Retries stumbles over such a job, and would leave it acknowledged.
        unknown = isinstance(delivery._exception, ActorNotFound)  # noqa: SLF001 # MessageProxy offers no reader
        self._session.end(delivery, delivery.outcome or (rejection(delivery) if unknown else Done(delivery.result)))

    def nack(self, message: MessageProxy) -> None:
        """Ends a delivery as the rings decided; as dead when none did, as Dramatiq's own middleware means it."""
        delivery = _own(message)
        self._session.end(delivery, delivery.outcome or rejection(delivery))

    def requeue(self, messages: Iterable[MessageProxy]) -> None:
        """Gives jobs back that were not started, the first of them to be the next to run."""
        for message in reversed(list(messages)):
            self._session.end(_own(message), Release())

    def close(self) -> None:
        self._closed = True
        self._note_throttle(time.monotonic())
        self.give_back()
        self._session.leave(self)
        self._woken.set()

    def give_back(self) -> None:
        """Returns what was fetched and not handed out. From any thread."""
        fetched = []
        while self._fetched:
            fetched.append(self._fetched.popleft())
        self.requeue(fetched)

    def wake(self) -> None:
        """Makes the consumer look again now. From any thread."""
        self._wake_pending = True
        self._woken.set()

    def finished_one(self, queue: str, remaining: int) -> None:
        """Called after every job that a thread has finished: a thread may be free, or this queue may be running low."""
        is_low = self._more_available and (remaining <= self._low_water or queue != self.queue_name)
        # Every job passes here, and to set an event again takes its lock.
        if (self._capped_since or is_low) and not self._woken.is_set():
            self._woken.set()

    def _hand_out(self) -> Delivery | None:
        try:
            delivery = self._fetched.popleft()
        except IndexError:  # nothing came, or a shutdown has just given it back
            return None
        if self._session.held.hand_out(delivery, self._session.thread_cap(self.provider)):
            self._capped_since = 0.0
            return delivery
        self._fetched.appendleft(delivery)
        self._rest_at_cap()
        return None

    def _rest_at_cap(self) -> None:
        """The provider has all the threads it may have here. What cannot start soon goes back, for workers that are free."""
        now = time.monotonic()
        self._capped_since = self._capped_since or now
        if now - self._capped_since > HOARD_SECONDS:
            self.give_back()
            self._capped_since = 0.0
        self._woken.wait(min(self._timeout_seconds, HOARD_SECONDS))
        self._woken.clear()

    def _room(self) -> int:
        if self._closed or self._session.draining or self._session.isolation.keeps_out(self.queue_name):
            return 0
        cap = self._session.thread_cap(self.provider)
        return self._session.held.room(self.queue_name, self.provider, cap=cap, ahead=self._ahead)

    def _fetch_or_rest(self) -> None:
        self._session.look_for_ended()
        if self._session.isolation.queue == self.queue_name:
            self._run_apart()
            return
        room = self._room()
        now = time.monotonic()
        if room and (self._wake_pending or self._more_available or now >= self._look_at):
            asks = self._session.isolation.ask(self.queue_name)
            if asks is not None:
                self._wake_pending = False
                self._admit(room, asks)
                return
        if self._wake_pending:
            # The wake-up was meant for a free thread, and there is none here.
            self._wake_pending = False
            self._more_available = True
            self._session.pass_on(self.queue_name)
        rest = self._timeout_seconds if not room else min(self._timeout_seconds, self._look_at - now)
        self._woken.wait(rest)
        self._woken.clear()

    def _run_apart(self) -> None:
        if self._closed or self._session.draining:
            self._woken.wait(self._timeout_seconds)
        elif (asks := next_step(self._session, self.queue_name)) is not None:
            self._admit(min(self._session.thread_cap(self.provider), self._session.held.threads), asks)
        elif self._session.isolation.queue is not None:
            self._woken.wait(self._timeout_seconds)
        self._woken.clear()

    def _admit(self, room: int, asks: Asks) -> None:
        session, options = self._session, self._session.options
        asked_at = time.monotonic()
        try:
            reply = _admit(
                session.client,
                ProviderKeys(self.provider).root,
                [
                    "",
                    self.queue_name,
                    room,
                    _ms(options.lease),
                    session.process,
                    options.crash_limit,
                    _ms(options.outcome_kept),
                    _ms(KEY_KEPT),
                    asks.value,
                ],
            )
        except redis.RedisError as error:
            session.isolation.answered(self.queue_name, asks, invited=False)
            self._note_throttle(asked_at)
            self._wait_for_valkey(error)
            return
        session.heard()
        if self._pause_seconds:
            self._pause_seconds = 0.0
            session.events.emit(BrokerBack(self.queue_name))
        self._note_when_to_look(reply[0], bool(reply[1]), reply[2])
        self._ahead = reply[1] in RUNS_AHEAD
        why = "" if self._ahead else reply[1].decode()
        self._note_throttle(time.monotonic(), why)
        if why:
            session.events.emit(TurnedAway(self.queue_name, why))
        if reply[3]:
            session.events.emit(LeasesReclaimed(self.provider, reply[3]))
        for queue, actor in zip(reply[6][::2], reply[6][1::2], strict=True):
            session.events.emit(CrashLoopFound(queue.decode(), actor.decode()))
        with admitted(session, self.queue_name, asks, reply) as is_apart:
            self._receive(reply, asked_at + options.lease.total_seconds(), give_back=not is_apart)

    def _note_throttle(self, now: float, why: str = "") -> None:
        if kept := self._throttle.look(now, why):
            self._session.events.emit(Throttled(self.queue_name, *kept))

    def _note_when_to_look(self, now_ms: int, fewer: bool, look_at_ms: int) -> None:
        self._more_available = not fewer
        options = self._session.options
        # Often enough that silence for two thirds of a lease can only mean an outage of the server (server_outage.lua).
        sweep_seconds = min(options.sweep, options.lease / 3).total_seconds() * random.uniform(0.75, 1.0)
        if look_at_ms:
            sweep_seconds = min(sweep_seconds, max(0, look_at_ms - now_ms) / 1000)
        self._look_at = time.monotonic() + sweep_seconds

    def _wait_for_valkey(self, error: redis.RedisError) -> None:
        if not self._pause_seconds:
            self._session.events.emit(BrokerAway(self.queue_name, sentence(error)))
        self._pause_seconds = min(max(self._pause_seconds * 2, FIRST_PAUSE_SECONDS), LONGEST_PAUSE_SECONDS)
        self._more_available = False
        self._look_at = time.monotonic() + self._pause_seconds

    def _receive(self, reply: list[Any], sure_until: float, *, give_back: bool) -> None:
        deliveries = [
            self._delivery(reply[0], reply[at].decode(), reply[at + 1].decode(), bool(reply[at + 2]), reply[at + 3])
            for at in range(FIRST_JOB, len(reply), JOB_FIELDS)
        ]
        if not deliveries:
            return
        self._session.held.take(deliveries, sure_until)
        # What is fetched ahead comes in batches; a thread without a job waits for none.
        self._low_water = max(len(deliveries) // 2, self._session.held.threads - 1)
        self._session.events.emit(Admitted(self.queue_name, deliveries))
        for delivery in deliveries:
            if delivery.raw is None:
                self._fetched.append(delivery)
            else:
                self._session.end(delivery, Dead(DeadReason.UNDECODABLE, delivery.result))
        if self._session.draining or give_back:
            # They were on their way while everything else was given back.
            self.give_back()

    def _delivery(self, now_ms: int, job_id: str, token: str, begun: bool, data: bytes) -> Delivery:
        raw, problem = None, None
        try:
            message = decode(data)
        except DecodeError as error:
            raw, problem = data, describe(error)
            message = Message(
                queue_name=self.queue_name, actor_name="", args=(), kwargs={}, options={}, message_id=job_id
            )
        delivery = Delivery(
            message,
            job_id=job_id,
            queue_name=self.queue_name,
            provider=self.provider,
            token=token,
            effect_begun=begun,
            server_ms=now_ms,
            mark=self._session.begin,
            tell=self._session.tell,
            raw=raw,
        )
        delivery.result = problem
        return delivery


def _own(message: MessageProxy) -> Delivery:
    assert isinstance(message, Delivery), "this consumer was handed a message it did not deliver"
    return message


def _ms(span: timedelta) -> int:
    return round(span.total_seconds() * 1000)
