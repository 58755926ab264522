"""A function with what the fleet must know about it. Declaring registers nothing: an `Extension` names what it brings."""

import inspect
from collections.abc import Callable
from typing import Generic, ParamSpec, TypeVar

Args = ParamSpec("Args")
Result = TypeVar("Result")


class Declared(Generic[Args, Result]):
    """Calling it calls the function, so that a test needs no fleet.

    Args:
        function: as it was written.
        needed: what it is called with, one by one, as `a job`; it may take a client as one more argument.
    """

    def __init__(self, function: Callable[Args, Result], *needed: str) -> None:
        self.function = function
        self.needed = needed
        self.__name__ = getattr(function, "__name__", type(function).__name__)
        self.__doc__ = function.__doc__
        self.__module__ = function.__module__
        self.__wrapped__ = function

    def __call__(self, *args: Args.args, **kwargs: Args.kwargs) -> Result:
        return self.function(*args, **kwargs)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.__module__}.{self.__name__}>"

    @property
    def wants_client(self) -> bool:
        """Whether the function takes one more argument: a client that enqueues."""
        return self.takes == len(self.needed) + 1

    @property
    def takes(self) -> int:
        """How many arguments the function takes."""
        return len(inspect.signature(self.function).parameters)
