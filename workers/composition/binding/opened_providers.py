"""The providers that a worker process has opened."""

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import dramatiq
import structlog
from dramatiq.middleware import Middleware

from actors.probe import TIME_LIMIT_MS
from leeward.extension import Calls, Context, Health, MeasuredCall, Misconfigured, Provider, ProviderError
from leeward.extension.calls.calls import total_time
from leeward.redaction import cleaned
from workers.composition.instance import Instance

if TYPE_CHECKING:
    from dramatiq.worker import Worker, WorkerThread

HEALTH = "health"
UNHEALTHY = "unhealthy"
"""How a health check is measured that found something wrong."""
LONGEST_HEALTH_CHECK = timedelta(milliseconds=TIME_LIMIT_MS)
"""As long as a health probe may take."""

_log = structlog.get_logger(__name__)


class OpenedProviders(Middleware):
    """Opens an instance when the first job or health check needs it, and closes all of them when the worker ends. Thread-safe; one that is
    slow to open holds up its own jobs alone.

    Failure stance: an instance that cannot be opened fails the jobs that need it, and no others; the next job tries again.

    Args:
        instances: by name.
        context_of: what an instance is made with.
        after: called when all are closed.
        observe: called with each call that an instance has made.
    """

    def __init__(
        self,
        instances: Mapping[str, Instance],
        context_of: Callable[[str], Context],
        after: Callable[[], None] = lambda: None,
        observe: Callable[[MeasuredCall], None] = lambda _: None,
    ) -> None:
        self._instances = instances
        self._context_of = context_of
        self._after = after
        self._calls = {name: _calls_of(one, observe) for name, one in instances.items()}
        self._opened: dict[str, Provider[Any]] = {}
        self._locks = {name: threading.Lock() for name in instances}

    def get(self, name: str) -> Provider[Any]:
        """An instance, open.

        Raises:
            ProviderError: it cannot be opened.
        """
        found = self._opened.get(name)
        return self._open(name) if found is None else found

    def type_of(self, name: str) -> str:
        """An instance's type; empty where there is no such instance."""
        instance = self._instances.get(name)
        return "" if instance is None else instance.type.name

    def health(self, name: str) -> Health:
        """Raises nothing: whatever goes wrong is what the check found."""
        began = time.monotonic()
        found = self._checked(name)
        if found.latency is not None:
            return found
        return replace(found, latency=timedelta(seconds=time.monotonic() - began))

    def health_if_known(self, name: str) -> Health | None:
        """As `health`; None where this process has no such instance."""
        return self.health(name) if name in self._instances else None

    def before_worker_thread_shutdown(self, broker: dramatiq.Broker, thread: "WorkerThread") -> None:
        self._each("close_thread")

    def after_worker_shutdown(self, broker: dramatiq.Broker, worker: "Worker") -> None:
        self.close()

    def close(self) -> None:
        """Closes what is open, then what they shared."""
        self._each("close")
        self._opened.clear()
        self._after()

    def _checked(self, name: str) -> Health:
        try:
            provider = self.get(name)
            with self._calls[name](HEALTH, total=LONGEST_HEALTH_CHECK) as call:
                found = provider.health()
                call.outcome = call.outcome if found.ok else UNHEALTHY
        except ProviderError as error:
            return Health.unhealthy(f"{error.code}: {error}")
        except Exception as error:
            _log.exception("health_check_failed", provider=name)
            # Not the text of the error: it may quote a secret.
            return Health.unhealthy(f"the probe failed: {type(error).__name__}; the worker's log has the details")
        return found

    def _open(self, name: str) -> Provider[Any]:
        with self._locks[name]:
            if name not in self._opened:
                self._opened[name] = self._made(name)
            return self._opened[name]

    def _made(self, name: str) -> Provider[Any]:
        instance = self._instances[name]
        try:
            context = replace(self._context_of(name), call=self._calls[name], health=self.health_if_known)
            made = instance.type.provider(name, instance.settings, context)
            made.open()
        except ProviderError as error:
            error.attributed(name, instance.type.name)
            raise
        except Exception as error:
            message = f"{name} cannot be opened: {type(error).__name__}: {error}"
            raise Misconfigured(message, operation="open").attributed(name, instance.type.name) from error
        return made

    def _each(self, method: str) -> None:
        for name, one in list(self._opened.items()):
            try:
                getattr(one, method)()
            except Exception as error:  # the others are not to blame
                shown = cleaned(f"{type(error).__name__}: {error}")
                _log.warning("provider_not_closed", provider=name, method=method, error=shown)


def _calls_of(instance: Instance, observe: Callable[[MeasuredCall], None]) -> Calls:
    total = total_time(instance.settings)
    return Calls(instance.name, type=instance.type.name, total=total, observe=observe)
