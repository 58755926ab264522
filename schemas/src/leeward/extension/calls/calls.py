"""The calls of one instance of a provider: each has a name, a total time and a measurement."""

import re
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

from pydantic import BaseModel

from leeward.extension.calls.call import Call, running_call
from leeward.extension.calls.measured import MeasuredCall
from leeward.extension.errors import ProviderError

MOST_OPERATIONS = 64
"""How many names an instance may have in metrics; each further one is called `OTHER` there."""
OTHER = "other"
_OPERATION = re.compile(r"[a-z][a-z0-9_]{0,31}(?:\.[a-z0-9_]{1,31}){0,2}")


def _unobserved(call: MeasuredCall) -> None:
    pass


class Calls:
    """Calls are made within it, one at a time in a thread:

        with self.context.call("create_user") as call:
            answer = client.post(url, timeout=call.at_most(ANSWER_TIMEOUT).total_seconds())

    A `ProviderError` that ends a call learns where it is from: `provider`, `provider_type` and `operation`, where they are empty. Whatever
    ends it is passed on. Thread-safe.

    Args:
        provider: the instance's name.
        type: of the provider, which its error codes begin with; empty: the instance's name.
        total: how long each call may take in all; None: no limit. A call within another also ends with that one. See `total_time`.
        observe: called with each call that has ended. It must not raise.
        clock: monotonic seconds.
    """

    def __init__(
        self,
        provider: str = "",
        *,
        type: str = "",  # noqa: A002 # as operators and `Provider` name it
        total: timedelta | None = None,
        observe: Callable[[MeasuredCall], None] = _unobserved,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.provider = provider
        self.type = type or provider
        self.total = total
        self._observe = observe
        self._clock = clock
        self._known: set[str] = set()
        self._adding = threading.Lock()

    @contextmanager
    def __call__(self, operation: str, *, total: timedelta | None = None) -> Iterator[Call]:
        """Measures what is done within it.

        Args:
            operation: what is called, in a few words that are fixed in the code: `create_user`, `requests.list`. Never a value.
            total: how long it may take in all, where that is not the instance's own; it can also be longer.

        Raises:
            ValueError: the operation cannot be the name of one.
        """
        name, began = self._name(operation), self._clock()
        call = Call(operation, self._end(began, total or self.total), self._clock)
        token = running_call.set(call)
        ended: tuple[str, ProviderError | None] = "", None
        try:
            yield call
        except ProviderError as error:
            error.attributed(self.provider, self.type)
            error.operation = error.operation or operation
            ended = error.condition.lower(), error
            raise
        except Exception:
            ended = "error", None
            raise
        except BaseException:
            ended = "cancelled", None
            raise
        finally:
            running_call.reset(token)
            self._measured(name, ended[0] or call.outcome, ended[1], self._clock() - began)

    def _end(self, began: float, total: timedelta | None) -> float | None:
        around = running_call.get()
        ends = [] if total is None else [began + total.total_seconds()]
        if around is not None and around.ends_at is not None:
            ends.append(around.ends_at)
        return min(ends, default=None)

    def _measured(self, operation: str, outcome: str, error: ProviderError | None, seconds: float) -> None:
        code, status = ("", None) if error is None else (error.code, error.status)
        self._observe(MeasuredCall(self.provider, operation, outcome, seconds, code, status))

    def _name(self, operation: str) -> str:
        if operation in self._known:
            return operation
        if not _OPERATION.fullmatch(operation):
            raise ValueError(f"{operation!r} cannot name an operation; use lower-case words such as create_user")
        with self._adding:
            if len(self._known) >= MOST_OPERATIONS:
                return OTHER
            self._known.add(operation)
        return operation


def total_time(settings: BaseModel) -> timedelta | None:
    """How long each call of an instance may take in all: its setting `timeout`, where its model has one that is a duration."""
    found = getattr(settings, "timeout", None)
    return found if isinstance(found, timedelta) else None
