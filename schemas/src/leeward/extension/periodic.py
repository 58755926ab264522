"""What happens at regular times."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any, Generic, ParamSpec, TypeVar, overload

from leeward.client import Leeward
from leeward.extension.declared import Declared
from leeward.extension.provider import Provider

Args = ParamSpec("Args")
Result = TypeVar("Result")
P = TypeVar("P", bound=Provider[Any])

Schedule = str | timedelta
CATCH_UP = timedelta(hours=24)


class Periodic(Declared[Args, Result]):
    """A periodic actor: runs once a tick in the whole fleet, for each instance of its provider class.

    Attributes:
        schedule: five cron fields (six with seconds), `@daily`, a duration such as `30s`, or a timedelta.
        provider: None: it runs once for the fleet.
        catch_up: how late a tick may still run.
    """

    def __init__(
        self,
        function: Callable[Args, Result],
        schedule: Schedule,
        provider: type[Provider[Any]] | None,
        catch_up: timedelta,
    ) -> None:
        super().__init__(function, *([] if provider is None else ["a provider"]))
        self.schedule = schedule
        self.provider = provider
        self.catch_up = catch_up


class _BindAtProvider(Generic[P]):
    def __init__(self, schedule: Schedule, provider: type[P], catch_up: timedelta) -> None:
        self._declared = (schedule, provider, catch_up)

    @overload
    def __call__(self, function: Callable[[P], Result], /) -> Periodic[[P], Result]: ...
    @overload
    def __call__(self, function: Callable[[P, Leeward], Result], /) -> Periodic[[P, Leeward], Result]: ...
    def __call__(self, function: Callable[..., Any], /) -> Any:
        return Periodic(function, *self._declared)


class _BindAlone:
    def __init__(self, schedule: Schedule, catch_up: timedelta) -> None:
        self._schedule, self._catch_up = schedule, catch_up

    @overload
    def __call__(self, function: Callable[[], Result], /) -> Periodic[[], Result]: ...
    @overload
    def __call__(self, function: Callable[[Leeward], Result], /) -> Periodic[[Leeward], Result]: ...
    def __call__(self, function: Callable[..., Any], /) -> Any:
        return Periodic(function, self._schedule, None, self._catch_up)


@overload
def periodic(schedule: Schedule, *, provider: type[P], catch_up: timedelta = CATCH_UP) -> _BindAtProvider[P]: ...
@overload
def periodic(schedule: Schedule, *, provider: None = None, catch_up: timedelta = CATCH_UP) -> _BindAlone: ...
def periodic(schedule: Schedule, *, provider: type[Any] | None = None, catch_up: timedelta = CATCH_UP) -> Any:
    """Declares what happens once a tick in the whole fleet: for each instance of a provider class, or once where there is no provider. The
    function takes the instance and, if it wants to enqueue, a client.

        @periodic("*/10 * * * *", provider=Acme)
        def chase_overdue(acme: Acme, fleet: Leeward) -> None: ...

    A tick that could not run in time runs late, within `catch_up`. At most one tick of an actor and instance waits: a later one is merged
    into it. Cron fields are in the fleet's time zone (`LEEWARD_SCHEDULE_ZONE`).
    """
    return _BindAlone(schedule, catch_up) if provider is None else _BindAtProvider(schedule, provider, catch_up)
