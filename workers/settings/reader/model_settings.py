"""The settings that a pydantic model has, those of models inside it included."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from inspect import isclass
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel, BeforeValidator, SecretBytes, SecretStr
from pydantic.fields import FieldInfo

_COLLECTIONS = (list, tuple, set, frozenset)
_UNIONS = (Union, UnionType)
_TELLTALE = ("url", "uri", "proxy", "token", "key", "password", "secret", "dsn", "credential")
"""Parts of names whose values are not repeated in messages: people paste tokens into addresses."""


@dataclass(frozen=True, slots=True)
class Setting:
    """One value that can be written down.

    Attributes:
        path: the names on the way to it, as `("proxy", "url")`.
        about: the field.
    """

    path: tuple[str, ...]
    about: FieldInfo

    @property
    def name(self) -> str:
        return self.path[-1]

    @property
    def is_secret(self) -> bool:
        """Whether it may also be given as the name of a file or of a variable that holds it. A table or list of secrets may not."""
        return holds(self.about.annotation, SecretStr) or holds(self.about.annotation, SecretBytes)

    @property
    def may_be_repeated(self) -> bool:
        """Whether a message may show what was written."""
        secret = any(holds(self.about.annotation, kind, inside=True) for kind in (SecretStr, SecretBytes, BaseModel))
        return not secret and not any(part in self.name for part in _TELLTALE)

    @property
    def is_duration(self) -> bool:
        return holds(self.about.annotation, timedelta, inside=True)

    @property
    def is_flag(self) -> bool:
        """Whether true and false are values: pydantic would take them for 1 and 0."""
        return holds(self.about.annotation, bool) or self.about.annotation in {Any, object}

    @property
    def is_list(self) -> bool:
        """Whether a text is to be parted at its commas; a field with a check of its own before pydantic's reads texts itself."""
        if any(isinstance(check, BeforeValidator) for check in self.about.metadata):
            return False
        return any(origin in _COLLECTIONS for origin in _origins(self.about.annotation))


def settings_of(model: type[BaseModel], path: tuple[str, ...] = ()) -> Iterator[Setting]:
    """All of them, in the order of the model."""
    for name, about in model.model_fields.items():
        if about.exclude:
            continue  # no value that can be written
        inner = [found for found in _types(about.annotation) if issubclass(found, BaseModel)]
        if len(inner) == 1:
            yield from settings_of(inner[0], (*path, about.alias or name))
        else:  # one of several models is for pydantic to choose: its table is a value as any other
            yield Setting((*path, about.alias or name), about)


def holds(annotation: Any, wanted: type, *, inside: bool = False) -> bool:
    """Whether a value of an annotation can be of a type, or with `inside` a part of it."""
    return any(issubclass(found, wanted) for found in _types(annotation, inside=inside))


def _types(annotation: Any, *, inside: bool = False) -> Iterator[type]:
    origin = get_origin(annotation)
    if origin is Annotated:
        yield from _types(get_args(annotation)[0], inside=inside)
    elif isclass(annotation):
        yield annotation
    elif inside or origin in _UNIONS:
        for part in get_args(annotation):
            yield from _types(part, inside=inside)


def _origins(annotation: Any) -> Iterator[Any]:
    origin = get_origin(annotation)
    if origin is Annotated:
        yield from _origins(get_args(annotation)[0])
    elif origin in _COLLECTIONS or annotation in _COLLECTIONS:
        yield origin or annotation
    else:
        for part in get_args(annotation):
            yield from _origins(part)
