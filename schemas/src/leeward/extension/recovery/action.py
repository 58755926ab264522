"""An action that a fleet takes by itself when something fails."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any, Generic, ParamSpec, TypeVar, overload

from leeward.extension.declared import Declared
from leeward.extension.provider import Provider
from leeward.extension.recovery.failure import Failure, Recovered

Args = ParamSpec("Args")
P = TypeVar("P", bound=Provider[Any])

PAUSE = timedelta(minutes=1)


class RecoveryAction(Declared[Args, Recovered | None]):
    """An action with its priority and its condition.

    Attributes:
        priority: of the actions whose condition holds, the one with the highest is tried first.
        provider: the class at whose instances failures are looked at; None: every failure.
        pause: how long the action is not repeated for the same provider, in the whole fleet.
        condition: whether the action can help; None: always.
    """

    def __init__(
        self,
        function: Callable[Args, Recovered | None],
        priority: int,
        provider: type[Provider[Any]] | None,
        pause: timedelta,
    ) -> None:
        super().__init__(function, "a failure", *([] if provider is None else ["a provider"]))
        self.priority = priority
        self.provider = provider
        self.pause = pause
        self.condition: Callable[[Failure], bool] | None = None

    def when(self, condition: Callable[[Failure], bool]) -> Callable[[Failure], bool]:
        """Declares when the action is tried. What it raises counts as no."""
        self.condition = condition
        return condition


class _BindAtProvider(Generic[P]):
    def __init__(self, priority: int, provider: type[P], pause: timedelta) -> None:
        self._declared = (priority, provider, pause)

    def __call__(self, function: Callable[[Failure, P], Recovered | None], /) -> RecoveryAction[[Failure, P]]:
        return RecoveryAction(function, *self._declared)


class _BindAlone:
    def __init__(self, priority: int, pause: timedelta) -> None:
        self._priority, self._pause = priority, pause

    def __call__(self, function: Callable[[Failure], Recovered | None], /) -> RecoveryAction[[Failure]]:
        return RecoveryAction(function, self._priority, None, self._pause)


@overload
def recovery_action(*, provider: type[P], priority: int = 60, pause: timedelta = PAUSE) -> _BindAtProvider[P]: ...
@overload
def recovery_action(*, provider: None = None, priority: int = 60, pause: timedelta = PAUSE) -> _BindAlone: ...
def recovery_action(*, provider: type[Any] | None = None, priority: int = 60, pause: timedelta = PAUSE) -> Any:
    """Declares what a fleet does by itself when something fails: a function of the failure and, where there is a provider class, of the
    instance that failed.

        @recovery_action(provider=Doors, priority=70)
        def sign_in_again(failure: Failure, doors: Doors) -> Recovered | None:
            doors.sign_in()
            return Recovered(detail="signed in again")

        @sign_in_again.when
        def _refused(failure: Failure) -> bool:
            return failure.code == "DOORS_AUTH_FAILURE"

    It returns None, or raises, where it could not help; then the action with the next priority is tried. Without a caller that waits for
    an answer (`failure.fallbacks` is None), the provider's health check decides afterwards whether it helped. The function may run in any
    worker, within the time of a health check, at most once a `pause` for each instance.
    """
    return _BindAlone(priority, pause) if provider is None else _BindAtProvider(priority, provider, pause)
