"""Payload fields that people must never see."""

from typing import Annotated, Any, get_args

from pydantic import BaseModel, Field, PlainSerializer, SecretStr

REDACTED = "[redacted]"

SecretText = Annotated[
    SecretStr,
    PlainSerializer(lambda secret: secret.get_secret_value(), return_type=str, when_used="json"),
    Field(json_schema_extra={"secret": True}),
]
"""A string that travels in the message and is hidden in logs, reprs, dead letters, exports and pages."""


def secret_fields(model: type[BaseModel]) -> frozenset[str]:
    """The names of a model's top-level fields that can hold a secret: their type says so, optional or not, or another release of it did."""
    declared = frozenset(name for name, field in model.model_fields.items() if _holds_secret(field.annotation))
    return declared | getattr(model, "hidden_fields", frozenset())


def _holds_secret(annotation: object) -> bool:
    return annotation is SecretStr or any(map(_holds_secret, get_args(annotation)))


def redact(model: type[BaseModel], payload: dict[str, Any]) -> dict[str, Any]:
    """A copy of a payload with every secret that is set replaced by `REDACTED`."""
    hidden = secret_fields(model)
    return {name: REDACTED if name in hidden and value is not None else value for name, value in payload.items()}
