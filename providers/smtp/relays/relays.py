"""Hands mail to the first relay that is worth a try, and to the next where that one fails before it has the message."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from email.message import EmailMessage
from typing import Any

from leeward.extension import Calls, Health, SessionPermits
from leeward.extension.errors import (
    Ambiguous,
    AuthFailed,
    Busy,
    Misconfigured,
    ProviderError,
    QuotaExceeded,
    RateLimited,
    Transient,
    wait_after,
)
from providers.smtp.attachments.attached_file import AttachedFile
from providers.smtp.config import SmtpConfig
from providers.smtp.mailer import NOTHING, Mailer
from providers.smtp.relays.circuit import Circuit

_OF_THE_RELAY = (Transient, Misconfigured, AuthFailed, QuotaExceeded, RateLimited)
"""What another relay may not have; what a recipient or a message is to blame for, every relay has."""


class _Relay:
    def __init__(self, mailer: Mailer, clock: Callable[[], float]) -> None:
        self.mailer = mailer
        self.circuit = Circuit(clock)
        self.shown = f"{mailer.config.host}:{mailer.config.port}"


class Relays:
    """Safe to use from any number of threads.

    Args:
        configs: in the order in which they are tried; of one, the fleet's own circuit is the only one.
        permits: bounds the sessions at all of them together.
    """

    def __init__(
        self,
        configs: Sequence[SmtpConfig],
        permits: SessionPermits | None = None,
        *,
        call: Calls | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._relays = [_Relay(Mailer(config, permits, call=call), clock) for config in configs]

    def send(
        self,
        message: EmailMessage,
        recipient: str,
        before_data: Callable[[], None],
        attached: Mapping[bytes, AttachedFile] = NOTHING,
    ) -> dict[str, Any]:
        """As `Mailer.send`; with several relays the receipt has the `relay`, too.

        Raises:
            ProviderError: of the relay that began to take the message, or, where none did, of the one that may serve soonest.
        """
        if len(self._relays) == 1:
            return self._relays[0].mailer.send(message, recipient, before_data, attached)
        failures: list[ProviderError] = []
        for relay in self._worth_a_try():
            attempt = _Attempt(before_data)
            try:
                receipt = relay.mailer.send(message, recipient, attempt.before_data, attached)
            except ProviderError as error:
                _note(relay, error)
                if attempt.is_at_data or not isinstance(error, _OF_THE_RELAY):
                    raise
                failures.append(error)
            else:
                relay.circuit.succeeded()
                return {**receipt, "relay": relay.shown}
        raise min(failures, key=_may_serve)

    def health(self) -> Health:
        """Healthy means that mail can be handed to one of the relays; the detail names those where it cannot."""
        if len(self._relays) == 1:
            return self._relays[0].mailer.health()
        with ThreadPoolExecutor(len(self._relays)) as at_once:
            found = list(at_once.map(lambda relay: relay.mailer.health(), self._relays))
        for relay, health in zip(self._relays, found, strict=True):
            if health.ok:
                relay.circuit.succeeded()
        detail = "; ".join(f"{relay.shown}: {one.detail}" for relay, one in zip(self._relays, found, strict=True))
        best = next((one for one in found if one.ok), found[0])
        return Health(ok=best.ok, detail=detail, latency=best.latency)

    def close_this_thread(self) -> None:
        """See `Mailer.close_this_thread`."""
        for relay in self._relays:
            relay.mailer.close_this_thread()

    def _worth_a_try(self) -> Iterator[_Relay]:
        none = True
        for relay in self._relays:
            if relay.circuit.admits():
                none = False
                yield relay
        if none:
            yield min(self._relays, key=lambda relay: relay.circuit.closed_from)


class _Attempt:
    """One relay's try with a mail: whether it came to DATA, after which no other relay may have it."""

    def __init__(self, before_data: Callable[[], None]) -> None:
        self._before_data = before_data
        self.is_at_data = False

    def before_data(self) -> None:
        self.is_at_data = True
        self._before_data()


def _may_serve(error: ProviderError) -> tuple[bool, timedelta]:
    """Smaller is sooner: by itself, and then after how long."""
    return isinstance(error, AuthFailed | Misconfigured), wait_after(error) or timedelta()


def _note(relay: _Relay, error: ProviderError) -> None:
    if isinstance(error, (*_OF_THE_RELAY, Ambiguous)):
        relay.circuit.failed(error)
    elif not isinstance(error, Busy):
        relay.circuit.succeeded()  # it works, and refuses this recipient or this message
