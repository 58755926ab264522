"""An outside service, as an extension brings it: settings, recommended guards, a client that is opened and closed, a health check."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from datetime import timedelta
from inspect import isclass
from types import MappingProxyType
from typing import Any, ClassVar, Generic, TypeVar, get_args, get_origin

from pydantic import BaseModel

from leeward.extension.calls.calls import Calls, total_time
from leeward.extension.context import Context
from leeward.extension.guards import Guards
from leeward.extension.health import Health
from leeward.extension.resource import Resource

S = TypeVar("S", bound=BaseModel)
R = TypeVar("R", bound=Resource)
_NONE: Mapping[str, str] = MappingProxyType({})
# Aliases: inside the class, `type` is the type's name.
_Model = type[BaseModel]
_Kind = type[R]


class Provider(ABC, Generic[S]):
    """One configured instance of a service, `[providers.NAME]`. Its methods may be called by any number of threads at once.

        class Acme(Provider[AcmeSettings], type="acme"):
            guards = {"limit": 20}

            def health(self) -> Health: ...

    An instance is made and opened when the first job or health check of a worker process needs it, and closed when the process ends. Do no
    work in `__init__`.

    Attributes:
        name: the instance's name, as `acme-eu`.
        settings: its settings, checked.
        context: what the fleet offers.
    """

    type: ClassVar[str]
    """As `type` in `[providers.NAME]` names it. Where it is missing there, the table's name is the type."""
    guards: ClassVar[Guards] = {}
    """What is recommended for an instance."""
    variable_prefix: ClassVar[str] = ""
    """How environment variables begin for the instance that is named as its type, where that is not its name: `DOWNLOAD` for
    `LEEWARD_DOWNLOAD_ROOT`.
    """
    variables: ClassVar[Mapping[str, str]] = _NONE
    """Field -> variable without `LEEWARD_`, for the fields whose variable is not made of the prefix and the field's name."""
    settings_type: ClassVar[_Model]
    """The model in `Provider[...]`."""

    def __init__(self, name: str, settings: S, context: Context | None = None) -> None:
        self.name = name
        self.settings = settings
        self.context = context or Context(call=Calls(name, type=self.type, total=total_time(settings)))

    def __init_subclass__(cls, *, type: str | None = None, **kwargs: Any) -> None:  # noqa: A002 # the name that operators write
        super().__init_subclass__(**kwargs)
        if type is not None:
            cls.type = type
        for base in getattr(cls, "__orig_bases__", ()):
            origin, arguments = get_origin(base), get_args(base)
            if isclass(origin) and issubclass(origin, Provider) and arguments and _is_model(arguments[0]):
                cls.settings_type = arguments[0]

    def open(self) -> None:
        """Makes the client. What it raises fails the job that needed it; the next job tries again. Other instances are not affected."""

    def close(self) -> None:
        """Called once, when the worker process ends."""

    def close_thread(self) -> None:
        """Closes what belongs to the calling thread alone, as a connection of its own. Called by each worker thread that ends."""

    @abstractmethod
    def health(self) -> Health:
        """A health check: cheap, and without an effect. Whatever it raises counts as unhealthy."""

    def longest_call(self) -> timedelta | None:
        """The longest time that one job may take, from the settings alone; None for the fleet's own limit. Called before `open`."""
        return None

    def resource(self, kind: _Kind[R]) -> R:
        """The resource of this process, opened when it is asked for first.

        Raises:
            LookupError: no installed extension names it.
        """
        found: R = self.context.resources(kind)
        return found


def _is_model(argument: object) -> bool:
    return isclass(argument) and issubclass(argument, BaseModel)
