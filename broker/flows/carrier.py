"""Carries what follows the end of jobs to the providers that it is for, for as long as a worker process lives."""

import random
import threading
from collections.abc import Callable, Iterable
from typing import Any

import redis
import structlog

from broker.flows.carried import MARK_LEFT, Carried, Handover, carry
from broker.threads.vital_thread import VitalThread
from leeward.wire.keys import ProviderKeys
from leeward.wire.script import Script
from leeward.wire.valkey.refusal import sentence

BATCH = 100
SWEEP_SECONDS = 10.0
"""How often every stream is looked at, rung for or not: for what a killed process left."""
LOOK_SECONDS = 1.0
"""How often an idle carrier shows that it lives."""
PAUSE_SECONDS = 1.0
"""After what failed."""

_read = Script("broker.flows", "read.lua")
_log = structlog.get_logger(__name__)


class Carrier(VitalThread):
    """Any number of carriers may carry the same entries: each is carried once (`send.lua`, `count.lua`).

    Failure stance: while Valkey cannot be reached it waits, and continues afterwards; entries stay on their streams. An entry that cannot
    be carried, for example because the user may not write the other provider's keys, stays as well and stops no other.

    Args:
        client: answers in bytes.
        providers: those whose jobs this process serves; asked at every sweep.
    """

    def __init__(self, client: redis.Redis, providers: Callable[[], Iterable[str]]) -> None:
        super().__init__("leeward-handovers")
        self._client = client
        self._providers = providers
        self._rung: set[str] = set()
        self._bell = threading.Event()
        self._complaint = ""

    def ring(self, provider: str | None = None) -> None:
        """Something is to be carried on: of one provider, or perhaps of any. From any thread."""
        if provider is not None:
            self._rung.add(provider)
        else:
            self._rung.update(self._providers())
        self._bell.set()

    def stop(self) -> None:
        """Lets the entry at hand finish. What is left is carried by other processes."""
        self.ask_to_stop()
        self._bell.set()

    def serve(self) -> None:
        rested = SWEEP_SECONDS
        while not self.is_stopping:
            self.move()
            if self._bell.wait(LOOK_SECONDS):
                self._bell.clear()
            else:
                rested += LOOK_SECONDS
            if rested >= SWEEP_SECONDS:
                rested = random.uniform(0, SWEEP_SECONDS / 4)
                self._rung.update(self._providers())
            if not self.is_stopping:
                self._answer()

    def _answer(self) -> None:
        try:
            while self._rung and not self.is_stopping:
                provider = self._rung.pop()
                try:
                    self.look(provider)
                except redis.RedisError:
                    self._rung.add(provider)
                    raise
            self._complaint = ""
        except Exception as error:  # any error: the next round is the retry
            self._complain(error)
            self.rest(PAUSE_SECONDS)

    def look(self, provider: str) -> int:
        """Carries what is on a provider's stream; returns how many entries that were.

        Raises:
            redis.RedisError: Valkey cannot be asked.
        """
        carried, after = 0, "-"
        while found := self._after(provider, after):
            for handover in found:
                carried += self._carry(handover)
                self.move()
            after = found[-1].id
        return carried

    def _after(self, provider: str, after: str) -> list[Handover]:
        now_ms, entries = _read(self._client, ProviderKeys(provider).root, ["", after, BATCH])
        return [Handover(provider, id_.decode(), _fields(flat), now_ms) for id_, flat in entries]

    def _carry(self, handover: Handover) -> bool:
        try:
            carried = carry(self._client, handover)
        except (redis.ConnectionError, redis.TimeoutError):
            raise
        except Exception as error:  # whatever it is, only the entry that causes it shall wait
            self._complain(error)
            return False
        if not carried.is_over:
            return False
        self._take_off(handover, carried)
        if carried.due:
            self.ring(carried.due)
        return True

    def _take_off(self, handover: Handover, carried: Carried) -> None:
        self._client.xdel(ProviderKeys(handover.source).handovers, handover.id)
        if carried.mark:
            # Not at once: another carrier may have read the entry before.
            self._client.pexpire(carried.mark, MARK_LEFT)

    def _complain(self, error: Exception) -> None:
        """Once for each that is new: the same is tried again every second."""
        said = sentence(error)
        if said != self._complaint:
            self._complaint = said
            _log.warning("handovers_wait", error=said, exc_info=not isinstance(error, redis.RedisError))


def _fields(flat: list[Any]) -> dict[str, str]:
    return {name.decode(): value.decode() for name, value in zip(flat[::2], flat[1::2], strict=True)}
