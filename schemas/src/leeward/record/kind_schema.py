"""The JSON Schema of a kind as it is published: with the defaults that a factory makes, and without any secret."""

import json
from collections.abc import Iterator
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue, NoDefault
from pydantic_core import PydanticSerializationError, core_schema, to_jsonable_python

from leeward.jobs.job import Job
from leeward.jobs.secret import secret_fields
from leeward.redaction.payload import models_in

DECIMAL = "decimal"
"""The `format` of a number that travels as text. JSON Schema has no word for it."""


def schema_of(job: type[Job]) -> dict[str, Any]:
    """The JSON Schema of a kind's payload, fields by the names that travel."""
    return job.model_json_schema(by_alias=False, schema_generator=_PublishedSchema)


def defaults_of(job: type[Job]) -> dict[str, Any]:
    """What a payload holds of the fields that its producer left out, as the kind's own model writes them.

    A payload's fingerprint is over these, too. Left out are defaults that are secret, and those that differ each time they are made.
    """
    fields = {name: field for name, field in job.model_fields.items() if not field.is_required()}
    made = {
        name: _constant(lambda field=field: field.get_default(call_default_factory=True))
        for name, field in fields.items()
    }
    known = {name: value for name, value in made.items() if value is not NoDefault}
    dumped = job.model_construct(**known).model_dump(
        mode="json", exclude_none=True, include=set(known) - secret_fields(job), warnings=False
    )
    return dict(sorted(dumped.items()))


def secret_paths(model: type[BaseModel]) -> Iterator[str]:
    """Where a payload can hold a secret: `password`, `login.token`. A list adds no part to a path."""
    yield from _secret_paths(model, ())


def _secret_paths(model: type[BaseModel], within: tuple[type[BaseModel], ...]) -> Iterator[str]:
    hidden = secret_fields(model)
    yield from hidden
    for name, field in model.model_fields.items():
        inner = set() if name in hidden else set(models_in(field.annotation)) - {model, *within}
        yield from (f"{name}.{path}" for one in inner for path in _secret_paths(one, (*within, model)))


class _PublishedSchema(GenerateJsonSchema):
    def default_schema(self, schema: core_schema.WithDefaultSchema) -> JsonSchemaValue:
        found = super().default_schema(schema)
        if found.get("default") is not None and _is_secret(found):
            del found["default"]
        return found

    def get_default_value(self, schema: core_schema.WithDefaultSchema) -> Any:
        factory = schema.get("default_factory")
        if factory is None:
            return super().get_default_value(schema)
        return NoDefault if schema.get("default_factory_takes_data") else _constant(factory)

    def decimal_schema(self, schema: core_schema.DecimalSchema) -> JsonSchemaValue:
        return super().decimal_schema(schema) | {"format": DECIMAL}


def _constant(factory: Any) -> Any:
    """What a factory makes, or `NoDefault` where it makes something else each time, as an id or the time."""
    try:
        one, other = factory(), factory()
    except Exception:  # a factory that needs the other fields, or a process that is not this one
        return NoDefault
    return one if _as_json(one) == _as_json(other) else NoDefault


def _as_json(value: Any) -> Any:
    try:
        return json.dumps(to_jsonable_python(value), sort_keys=True)
    except (PydanticSerializationError, TypeError, ValueError):
        return value


def _is_secret(schema: JsonSchemaValue) -> bool:
    options = [schema, *schema.get("anyOf", [])]
    return any(option.get("secret") or option.get("format") == "password" for option in options)
