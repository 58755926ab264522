"""The broker: Dramatiq's interface in front of admit and settle."""

import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import dramatiq
import redis
from dramatiq import Message, get_encoder, set_encoder
from dramatiq.broker import MessageProxy
from dramatiq.encoder import JSONEncoder
from dramatiq.errors import ConnectionClosed, QueueJoinTimeout, QueueNotFound
from dramatiq.middleware import Middleware, MiddlewareError

from broker.delivery.current import current_delivery
from broker.delivery.encoding import FastJSONEncoder
from broker.delivery.outcomes import Retry
from broker.events import Consuming, Events
from broker.hooks import Hooks
from broker.lifecycle import Lifecycle
from broker.options import SessionOptions
from broker.permissions import of_worker
from broker.session.consumer import Consumer
from broker.session.session import Session
from broker.session.sessions import Sessions
from leeward.errors import IdempotencyConflict, Unavailable
from leeward.jobs.queue_name import provider_of
from leeward.wire.entry import Refusal, Verdict, entry_of, submit
from leeward.wire.keys import QUEUES, ProviderKeys
from leeward.wire.permissions import Permission, of_producer, require, user_of
from leeward.wire.script import Script
from leeward.wire.steps import ask, persistently
from leeward.wire.valkey.connection import connect
from leeward.wire.valkey.performing import perform

JOIN_LOOK_SECONDS = 0.02

_flush = Script("broker.scripts", "flush.lua")
_size = Script("broker.scripts", "size.lua")


class LeewardBroker(dramatiq.Broker):
    """Dramatiq's Broker on Valkey (>= 8) or Redis (>= 7), as `docs/adr/0001-two-atomic-moments.md` describes.

    Works with stock actors, middleware, workers and the stock command line. Beyond the interface it reads these message options:
    `priority` (a lane), `idempotency_key` and `fingerprint`. Delays live on the server; there are no delay queues.

    Args:
        url: where Valkey is, `redis://`, `rediss://` or `unix://`.
        middleware: as for every Dramatiq broker; its default list when absent.
        session: how worker processes lease and settle.
        client: a client to use instead of connecting to `url`; must not repeat commands by itself
        (`leeward.wire.valkey.connection.connect`).
    """

    def __init__(
        self,
        url: str = "redis://127.0.0.1:6379/0",
        *,
        middleware: list[Middleware] | None = None,
        session: SessionOptions | None = None,
        client: redis.Redis | None = None,
    ) -> None:
        self._hooks = Hooks()
        super().__init__(middleware)
        if type(get_encoder()) is JSONEncoder:
            set_encoder(FastJSONEncoder())
        self.queues: set[str] = set()
        self.client = client or connect(url)
        self.events = Events()
        self.sessions = Sessions(self.client, session or SessionOptions(), self.events)
        self._announced: set[tuple[str, Callable[[str], list[Permission]]]] = set()
        self.middleware.insert(0, Lifecycle(self.sessions))

    @property
    def session(self) -> Session:
        """This process's session, opened when a worker boots or the first consumer is made."""
        return self.sessions.current

    def close(self) -> None:
        self.sessions.close(timeout_seconds=5.0)
        self.client.close()

    def emit_before(self, signal: str, *args: Any, **kwargs: Any) -> None:
        for middleware, hook in self._hooks.at("before_" + signal, self.middleware):
            try:
                hook(self, *args, **kwargs)
            except MiddlewareError:
                raise
            except Exception:
                self.logger.critical("Unexpected failure in before_%s of %r.", signal, middleware, exc_info=True)

    def emit_after(self, signal: str, *args: Any, **kwargs: Any) -> None:
        for middleware, hook in reversed(self._hooks.at("after_" + signal, self.middleware)):
            try:
                hook(self, *args, **kwargs)
            except Exception:
                self.logger.critical("Unexpected failure in after_%s of %r.", signal, middleware, exc_info=True)

    def declare_queue(self, queue_name: str) -> None:
        """Declares a queue. Nothing is asked of Valkey until a job is enqueued or a worker starts.

        Raises:
            ValueError: not a queue name.
        """
        if queue_name not in self.queues:
            provider_of(queue_name)
            self.emit_before("declare_queue", queue_name)
            self.queues.add(queue_name)
            self.emit_after("declare_queue", queue_name)

    def get_declared_queues(self) -> set[str]:
        return self.queues.copy()

    def consume(self, queue_name: str, prefetch: int = 1, timeout: int = 30000) -> Consumer:
        """A consumer of one queue. `prefetch` is ignored: the depth follows the pace of the jobs (`broker.session.prefetch`).

        Raises:
            QueueNotFound: the queue was never declared.
            ConnectionClosed: Valkey cannot be reached; Dramatiq asks again in a second.
        """
        if queue_name not in self.queues:
            raise QueueNotFound(queue_name)
        try:
            self._announce(queue_name, of_worker)
        except Unavailable as error:
            raise ConnectionClosed(error) from error
        self.events.emit(Consuming(queue_name))
        return Consumer(self.session, queue_name, timeout)

    def enqueue(self, message: "Message[Any] | MessageProxy", *, delay: int | None = None) -> "Message[Any]":
        """Makes a message durable, once.

        Enqueueing the very job that is being processed, as `Retries` does, decides how its delivery ends: the next state is made durable
        in the same step that gives up the lease.

        Returns:
            The message; when its idempotency key is held by the same work, a copy with that job's id.

        Raises:
            IdempotencyConflict: its idempotency key is held by other work.
            MessageTooLarge: over 256 KiB encoded.
            QueueFull: as many jobs of the provider, or of the message's partition, wait as may (`max_waiting`).
            ProviderDisabled: the provider is switched off.
            ConnectionClosed: Valkey cannot be reached; the message may or may not be enqueued, and repeating is safe.
            QueueNotFound: the queue was never declared.
        """
        plain = _plain(message)
        if plain.queue_name not in self.queues:
            raise QueueNotFound(plain.queue_name)
        # A deadline that the message brings along is an instant; one that a ring gives it is a span from now on.
        is_span = "deadline" not in plain.options
        self.emit_before("enqueue", plain, delay)
        if not self._continue_delivery(plain, delay or 0):
            plain = self._submit(plain, delay or 0, is_span=is_span)
        self.emit_after("enqueue", plain, delay)
        return plain

    def flush(self, queue_name: str) -> None:
        """Drops every job of a queue that does not run."""
        root = ProviderKeys(provider_of(queue_name)).root
        dropped, look_on = 1, b""
        while dropped or look_on:
            dropped, look_on = _flush(self.client, root, [queue_name, look_on])

    def flush_all(self) -> None:
        for queue_name in self.queues:
            self.flush(queue_name)

    def join(self, queue_name: str, *, timeout: int | None = None) -> None:
        """Waits until no job of a queue is ready, scheduled or running. For tests.

        Raises:
            QueueJoinTimeout: after `timeout` ms.
        """
        root = ProviderKeys(provider_of(queue_name)).root
        deadline = None if timeout is None else time.monotonic() + timeout / 1000
        while any(_size(self.client, root, [queue_name])):
            if deadline is not None and time.monotonic() >= deadline:
                raise QueueJoinTimeout(queue_name)
            time.sleep(JOIN_LOOK_SECONDS)

    def _continue_delivery(self, message: "Message[Any]", delay_ms: int) -> bool:
        session = self.sessions.opened
        delivery = session.held.get(message.message_id) if session else None
        if delivery is None or delivery.finished or provider_of(message.queue_name) != delivery.provider:
            return False
        delivery.replace_message(message)
        delivery.outcome = Retry(timedelta(milliseconds=delay_ms))
        return True

    def _submit(self, message: "Message[Any]", delay_ms: int, *, is_span: bool) -> "Message[Any]":
        try:
            self._announce(message.queue_name)
            provider, exempt = provider_of(message.queue_name), _is_exempt(message)
            entry = entry_of(message, delay_ms, is_span=is_span)
            refusals = submit(self.client, provider, [entry], exempt=exempt)
        except Unavailable as error:
            raise ConnectionClosed(error) from error
        return _kept(message, refusals[0]) if refusals else message

    def _announce(self, queue_name: str, needed: Callable[[str], list[Permission]] = of_producer) -> None:
        if (queue_name, needed) not in self._announced:
            provider = provider_of(queue_name)
            perform(self.client, persistently(lambda _: require(user_of(self.client), provider, needed(provider))))
            perform(self.client, persistently(lambda _: ask("SADD", QUEUES, queue_name)))
            self._announced.add((queue_name, needed))


def _plain(message: "Message[Any] | MessageProxy") -> "Message[Any]":
    return message._message if isinstance(message, MessageProxy) else message  # noqa: SLF001 # the proxy offers no other way to it


def _is_exempt(message: "Message[Any]") -> bool:
    """Whether it is sent on for work that the fleet has accepted: by a running job, by the scheduler, or to replay a dead letter."""
    return current_delivery() is not None or not message.options.keys().isdisjoint(("scheduled_at", "replay_of"))


def _kept(message: "Message[Any]", refusal: Refusal) -> "Message[Any]":
    if no_room := refusal.no_room(provider_of(message.queue_name)):
        raise no_room
    if refusal.verdict is Verdict.CONFLICT:
        raise IdempotencyConflict(message.options["idempotency_key"], refusal.job_id)
    return message.copy(message_id=refusal.job_id)
