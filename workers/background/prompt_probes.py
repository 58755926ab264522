"""A health probe at once, when the failures of one job suggest an outage of its provider."""

import threading
from collections.abc import Mapping
from typing import Any

import dramatiq
import structlog

from broker.events import Accused

_log = structlog.get_logger(__name__)


class PromptProbes:
    """Enqueues a provider's health probe at once. `settle.lua` asks for it, every few seconds and provider at most in the whole fleet.

    Failure stance: open. A probe that cannot be enqueued is one that the next minute's replaces.

    Args:
        probes: the actors that look, by provider.
    """

    def __init__(self, probes: Mapping[str, "dramatiq.Actor[..., Any]"]) -> None:
        self._probes = probes

    def look(self, event: Accused) -> None:
        """Returns at once: it is called by the thread that settles, which must not wait for Valkey twice."""
        probe = self._probes.get(event.provider)
        if probe is not None:
            threading.Thread(target=_send, args=(probe,), name="prompt probe", daemon=True).start()


def _send(probe: "dramatiq.Actor[..., Any]") -> None:
    try:
        probe.send()
    except Exception as error:  # whatever it is: the next minute's probe is on its way
        _log.warning("prompt_probe_not_sent", actor=probe.actor_name, error=f"{type(error).__name__}: {error}")
