"""A `Job` class from the JSON Schema of a published kind.

It checks what the schema says. What only the kind's own model knows, as a rule over two fields, is checked by the worker.
"""

import warnings
from collections.abc import Iterable, Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Annotated, Any, ClassVar, Literal, Union
from uuid import UUID

from pydantic import AnyUrl, BaseModel, ConfigDict, Field, GetPydanticSchema, create_model
from pydantic_core import SchemaError, core_schema

from leeward.jobs.job import Job
from leeward.jobs.secret import SecretText
from leeward.record.kind_schema import DECIMAL

Schema = Mapping[str, Any]

_Url = Annotated[
    str,
    GetPydanticSchema(
        lambda _, schema_of: core_schema.no_info_after_validator_function(
            str, schema_of.generate_schema(AnyUrl), serialization=core_schema.to_string_ser_schema()
        )
    ),
]
_PLAIN: Mapping[str, Any] = {"string": str, "integer": int, "number": float, "boolean": bool, "null": None}
_FORMATS: Mapping[str, Any] = {
    "date-time": datetime,
    "date": date,
    "time": time,
    "duration": timedelta,
    "uuid": UUID,
    "uri": _Url,
}
"""Texts that a model writes in one way whatever the way they were given in, so that the same work has the same fingerprint."""
_LIMITS = {
    "minLength": "min_length",
    "maxLength": "max_length",
    "minItems": "min_length",
    "maxItems": "max_length",
    "minProperties": "min_length",
    "maxProperties": "max_length",
    "minimum": "ge",
    "maximum": "le",
    "exclusiveMinimum": "gt",
    "exclusiveMaximum": "lt",
    "multipleOf": "multiple_of",
    "pattern": "pattern",
}
_SECRET_LIMITS = ("minLength", "maxLength")


class _Published(Job):
    """What all of these classes have in common. Defaults are values that were published, so they are read like any other."""

    model_config = ConfigDict(frozen=True, extra="forbid", validate_default=True, protected_namespaces=())
    kind: ClassVar[str] = ""
    version: ClassVar[int] = 0
    family: ClassVar[str] = ""


class _Part(BaseModel):
    """A model inside of a payload."""

    model_config = ConfigDict(frozen=True, validate_default=True, protected_namespaces=())
    hidden_fields: ClassVar[frozenset[str]] = frozenset()


class _ClosedPart(_Part):
    model_config = ConfigDict(extra="forbid")


class _OpenPart(_Part):
    model_config = ConfigDict(extra="allow")


def job_class(name: str, schema: Schema, *, defaults: Mapping[str, Any], secrets: Iterable[str]) -> type[Job]:
    """The class of a kind's payload. Its kind, version and family are the caller's to set.

    Args:
        name: what the class is called in the messages of pydantic.
        schema: of the payload, with the definitions that it refers to.
        defaults: what a payload holds of the fields that are left out.
        secrets: where a payload can hold a secret, also of fields that this schema does not have.
    """
    hidden = frozenset(secrets)
    try:
        return _Reading(schema, hidden, keeps_patterns=True).job(name, defaults)
    except SchemaError:  # a pattern for another engine than this one
        return _Reading(schema, hidden, keeps_patterns=False).job(name, defaults)


class _Reading:
    def __init__(self, schema: Schema, secrets: frozenset[str], *, keeps_patterns: bool) -> None:
        self._schema = schema
        self._definitions: Schema = schema.get("$defs", {})
        self._secrets = secrets
        self._keeps_patterns = keeps_patterns
        self._within: list[str] = []

    def job(self, name: str, defaults: Mapping[str, Any]) -> type[Job]:
        made: type[Job] = self._model(name, self._schema, "", _Published, defaults)
        return made

    def _model(self, name: str, schema: Schema, path: str, base: type[Any], defaults: Mapping[str, Any]) -> Any:
        required = frozenset(schema.get("required", ()))
        fields = {
            field: self._field(about, f"{path}{field}", field in required, defaults.get(field))
            for field, about in schema.get("properties", {}).items()
        }
        with warnings.catch_warnings():
            # A field may bear the name of a method of pydantic's; its author has been warned.
            warnings.simplefilter("ignore")
            made: type[Any] = create_model(name, __base__=base, __module__=__name__, **fields)  # type: ignore[call-overload]
        within = (secret.removeprefix(path) for secret in self._secrets if secret.startswith(path))
        made.hidden_fields = frozenset(secret for secret in within if "." not in secret)  # type: ignore[attr-defined]
        return made

    def _field(self, about: Schema, path: str, required: bool, default: Any) -> tuple[Any, Any]:
        found = self._type(about, path)
        texts = {name: about[name] for name in ("title", "description") if isinstance(about.get(name), str)}
        if required:
            return found, Field(**texts)
        # Without a default that is known, a field that is left out is left to the worker's own model.
        return (found if default is not None else _any_of((found, None))), Field(default=default, **texts)

    def _type(self, about: Schema, path: str) -> Any:
        if path in self._secrets:
            return self._secret(about)
        if "$ref" in about:
            return self._definition(str(about["$ref"]), path)
        if about.get("format") == DECIMAL:
            return self._limited(Decimal, _numeric(about))
        if options := about.get("anyOf") or about.get("oneOf") or about.get("allOf"):
            return _any_of(self._type(option, path) for option in options)
        if values := about.get("enum") or ([about["const"]] if "const" in about else []):
            return Literal[tuple(values)] if all(isinstance(one, str | int | None) for one in values) else Any
        kinds = about.get("type")
        return _any_of(self._plain(kind, about, path) for kind in (kinds if isinstance(kinds, list) else [kinds]))

    def _plain(self, kind: object, about: Schema, path: str) -> Any:
        match kind:
            case "object":
                return self._object(about, path)
            case "array":
                items = about.get("items")
                return self._limited(list[self._type(items, path) if isinstance(items, dict) else Any], about)  # type: ignore[misc]
            case "string" if about.get("format") in _FORMATS:
                return _FORMATS[about["format"]]
        return self._limited(_PLAIN.get(str(kind), Any), about)

    def _object(self, about: Schema, path: str) -> Any:
        if "properties" in about:
            return self._model(str(about.get("title", path)), about, f"{path}.", _part(about), _defaults(about))
        values = about.get("additionalProperties")
        return self._limited(dict[str, self._type(values, path) if isinstance(values, dict) else Any], about)  # type: ignore[misc]

    def _definition(self, reference: str, path: str) -> Any:
        name = reference.rpartition("/")[2]
        about = self._definitions.get(name)
        if about is None or name in self._within:  # what contains itself is checked one level deep
            return Any
        self._within.append(name)
        try:
            return self._type(about, path)
        finally:
            self._within.pop()

    def _secret(self, about: Schema) -> Any:
        options = [about, *about.get("anyOf", [])]
        limits: Schema = next((option for option in options if any(name in option for name in _SECRET_LIMITS)), {})
        found = self._limited(SecretText, {name: limits[name] for name in _SECRET_LIMITS if name in limits})
        return _any_of((found, None)) if any(option.get("type") == "null" for option in options) else found

    def _limited(self, plain: Any, about: Schema) -> Any:
        limits = {_LIMITS[name]: value for name, value in about.items() if name in _LIMITS}
        if not self._keeps_patterns:
            limits.pop("pattern", None)
        return Annotated[plain, Field(**limits)] if limits and plain not in (None, Any) else plain


def _part(about: Schema) -> type[_Part]:
    others = about.get("additionalProperties")
    if others is None:
        return _Part
    return _ClosedPart if others is False else _OpenPart


def _defaults(about: Schema) -> dict[str, Any]:
    fields = about.get("properties", {})
    return {name: field["default"] for name, field in fields.items() if isinstance(field, dict) and "default" in field}


def _numeric(about: Schema) -> Schema:
    return next((option for option in about.get("anyOf", []) if option.get("type") == "number"), {})


def _any_of(types: Iterable[Any]) -> Any:
    return Union[tuple(types)]  # noqa: UP007 # as many as there are
