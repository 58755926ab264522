"""What a job asks for, without its secrets."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, get_args

from pydantic import BaseModel

from leeward.jobs.secret import REDACTED, secret_fields
from leeward.redaction.credentials import without_credentials
from leeward.redaction.forms import LONG_ENOUGH
from leeward.redaction.names import sounds_secret
from leeward.redaction.urls import without_url_secrets


@dataclass(slots=True)
class Hidden:
    """A JSON value without its secrets, and what went.

    Attributes:
        value: the same, with `REDACTED` in the place of each secret.
        removed: where the secrets were: `password`, `values.reset.api_key`, `url?token`, `url userinfo`.
        secrets: their values, to be looked for elsewhere.
    """

    value: Any
    removed: set[str] = field(default_factory=set)
    secrets: set[str] = field(default_factory=set)


def hidden(value: Any, models: tuple[type[BaseModel], ...] = (), *, path: str = "") -> Hidden:
    """Takes the secrets out of a JSON value.

    Args:
        value: left as it is; the answer shares nothing with it that had to change.
        models: of the object itself; a field that any of them marks as secret is one. Their fields' models mark what is below.
        path: of the value, to begin the paths of what is removed.
    """
    found = Hidden(None)
    found.value = _hide(value, models, path, found)
    return found


def _hide(value: Any, models: tuple[type[BaseModel], ...], path: str, found: Hidden) -> Any:
    match value:
        case dict():
            named = [(name, _text(name, path, found), one) for name, one in value.items()]
            # A path is shown, so it is made of what a name has left.
            return {
                safe: _hide_member(name, one, models, f"{path}.{safe}".lstrip("."), found) for name, safe, one in named
            }
        case list():
            return [_hide(one, models, f"{path}.{number}".lstrip("."), found) for number, one in enumerate(value)]
        case str():
            return _text(value, path, found)
    return value


def _hide_member(name: str, value: Any, models: tuple[type[BaseModel], ...], path: str, found: Hidden) -> Any:
    if value is not None and (sounds_secret(name) or any(name in secret_fields(model) for model in models)):
        found.removed.add(path)
        found.secrets.update(_texts(value))
        return REDACTED
    return _hide(value, tuple(_models_of(name, models)), path, found)


def _text(text: str, path: str, found: Hidden) -> str:
    plain = without_credentials(text)
    if plain != text:
        found.removed.add(path or "payload")

    def note(part: str, secret: str) -> None:
        found.removed.add(f"{path} {part}" if part == "userinfo" else f"{path}?{part}")
        found.secrets.update(one for one in (secret, secret.partition(":")[2]) if len(one) >= LONG_ENOUGH)

    return without_url_secrets(plain, note)


def _models_of(name: str, models: tuple[type[BaseModel], ...]) -> Iterator[type[BaseModel]]:
    """The models that may describe what is inside a field. Lists and dictionaries of models are looked through."""
    for model in models:
        yield from models_in(model.model_fields[name].annotation) if name in model.model_fields else (model,)


def models_in(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for argument in get_args(annotation):
        yield from models_in(argument)


def _texts(value: Any) -> Iterator[str]:
    """Everything in a secret value that could turn up elsewhere."""
    match value:
        case str():
            yield value
        case bool() | None:
            return
        case int() | float():
            yield str(value)
        case dict():
            for child in value.values():
                yield from _texts(child)
        case list():
            for child in value:
                yield from _texts(child)
