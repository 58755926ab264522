"""Who receives the events of a type."""

import re
from collections.abc import Callable
from typing import Any, Generic, ParamSpec, TypeVar, overload

from leeward.client import Leeward
from leeward.extension.declared import Declared
from leeward.extension.events.event import Event
from leeward.extension.events.pattern import SEPARATOR
from leeward.extension.provider import Provider

Args = ParamSpec("Args")
Result = TypeVar("Result")
P = TypeVar("P", bound=Provider[Any])

_EVENT = re.compile(r"[a-z0-9_-]+(\.[a-z0-9_-]+)+")


class Handler(Declared[Args, Result]):
    """An event handler: runs as a job, at least once for each event, with retries and dead letters as any job.

    Attributes:
        event: the types, as `user.disabled`, `circuit.*`, or `user.disabled, user.deleted`.
        provider: None: it runs once an event; else once for each instance of the class.
    """

    def __init__(self, function: Callable[Args, Result], event: str, provider: type[Provider[Any]] | None) -> None:
        super().__init__(function, "an event", *([] if provider is None else ["a provider"]))
        self.event = event
        self.provider = provider


class _BindAtProvider(Generic[P]):
    def __init__(self, event: str, provider: type[P]) -> None:
        self._event, self._provider = event, provider

    @overload
    def __call__(self, function: Callable[[Event, P], Result], /) -> Handler[[Event, P], Result]: ...
    @overload
    def __call__(self, function: Callable[[Event, P, Leeward], Result], /) -> Handler[[Event, P, Leeward], Result]: ...
    def __call__(self, function: Callable[..., Any], /) -> Any:
        return Handler(function, self._event, self._provider)


class _BindAlone:
    def __init__(self, event: str) -> None:
        self._event = event

    @overload
    def __call__(self, function: Callable[[Event], Result], /) -> Handler[[Event], Result]: ...
    @overload
    def __call__(self, function: Callable[[Event, Leeward], Result], /) -> Handler[[Event, Leeward], Result]: ...
    def __call__(self, function: Callable[..., Any], /) -> Any:
        return Handler(function, self._event, None)


@overload
def on(event: str, /, *others: str, provider: type[P]) -> _BindAtProvider[P]: ...
@overload
def on(event: str, /, *others: str, provider: None = None) -> _BindAlone: ...
def on(event: str, /, *others: str, provider: type[Any] | None = None) -> Any:
    """Declares who receives the events of a type, or of several: a function of the event, of the instance where there is a provider, and,
    if it wants to enqueue, of a client.

        @on("user.disabled")
        def tell_acme(event: Event, fleet: Leeward) -> None: ...

        @on("circuit.*", "service.down")
        def write_down(event: Event) -> None: ...

    Args:
        event: a type; `circuit.*` for all that begin so; `*` for all of the fleet and its extensions, also those of a later release.
        others: more of them.
        provider: the handler runs once for each of its instances.
    """
    types = SEPARATOR.join((event, *others))
    return _BindAlone(types) if provider is None else _BindAtProvider(types, provider)


def is_event_name(name: object) -> bool:
    return isinstance(name, str) and _EVENT.fullmatch(name) is not None
