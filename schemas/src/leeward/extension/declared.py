"""A function with what the fleet must know about it. Declaring registers nothing: an `Extension` names what it brings."""

import inspect
from collections.abc import Callable
from typing import ClassVar, Generic, ParamSpec, TypeVar

Args = ParamSpec("Args")
Result = TypeVar("Result")


class Declared(Generic[Args, Result]):
    """Calling it calls the function, so that a test needs no fleet.

    Attributes:
        function: as it was written.
    """

    arguments: ClassVar[str]
    """What the function is called with, for an error message."""

    def __init__(self, function: Callable[Args, Result]) -> None:
        self.function = function
        self.__name__ = getattr(function, "__name__", type(function).__name__)
        self.__doc__ = function.__doc__
        self.__module__ = function.__module__
        self.__wrapped__ = function

    def __call__(self, *args: Args.args, **kwargs: Args.kwargs) -> Result:
        return self.function(*args, **kwargs)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.__module__}.{self.__name__}>"

    @property
    def needed(self) -> int:
        """How many arguments the function must take, without the client."""
        raise NotImplementedError

    @property
    def wants_client(self) -> bool:
        """Whether the function takes one more argument: a client that enqueues."""
        return parameters(self.function) == self.needed + 1

    @property
    def takes(self) -> int:
        """How many arguments the function takes."""
        return parameters(self.function)


def parameters(function: Callable[..., object]) -> int:
    return len(inspect.signature(function).parameters)
