"""What a look at a provider's health found."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

import structlog

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Health:
    """One look at one provider.

    Attributes:
        healthy: whether it can do its work now.
        detail: what it said or why it could not be asked, in a few words, without secrets.
        latency: how long the answer took, or how long we waited for none.
    """

    healthy: bool
    detail: str
    latency: timedelta


class HasHealth(Protocol):
    """A provider's client."""

    def health(self) -> Health: ...


def answered(look: Callable[[], Health], *, clock: Callable[[], float] = time.monotonic) -> Health:
    """What a look found. One that raises has found that the provider is not well: it must not end the probe that looks."""
    began = clock()
    try:
        return look()
    except Exception as error:
        _log.exception("health_look_failed")
        # Not what the error says: nobody has made sure that it quotes no secret.
        detail = f"it could not be asked: {type(error).__name__}; the worker's log has the rest"
        return Health(healthy=False, detail=detail, latency=timedelta(seconds=clock() - began))
