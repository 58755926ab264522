"""What Jellyfin documents of the calls that we make: as we wrote it down, and as its published documents have it where they are there."""

import json
from dataclasses import dataclass
from typing import Any

from tests.support.contracts import contract_file
from tests.support.fixtures import fixture

WRITTEN_DOWN = "written down"
PUBLISHED = ["10.11.11", "12.0.0"]


@dataclass(frozen=True)
class Operation:
    """`body` and the answers by status are JSON Schemas; None where there is none."""

    query: frozenset[str]
    body: dict[str, Any] | None
    answers: dict[str, dict[str, Any] | None]


def operations(source: str) -> dict[str, Operation]:
    """By `<method> <path>`. The source is `WRITTEN_DOWN` or a published version; without its document the test is skipped."""
    return _written_down() if source == WRITTEN_DOWN else _published(source)


def _written_down() -> dict[str, Operation]:
    types = {name: _schema(fields) for name, fields in fixture("jellyfin/types.json").items()}

    def typed(name: Any) -> dict[str, Any] | None:
        if isinstance(name, list):
            return {"type": "array", "items": typed(name[0]), "$defs": types}
        return None if name is None else {"$ref": f"#/$defs/{name}", "$defs": types}

    return {
        name: Operation(
            frozenset(one["query"]),
            typed(one["body"]),
            {status: typed(answer) for status, answer in one["answers"].items()},
        )
        for name, one in fixture("jellyfin/operations.json").items()
    }


def _schema(fields: dict[str, list[str]]) -> dict[str, Any]:
    """Nothing but these fields: what is not documented is a mistake of ours."""
    properties = {name: _type(kind) for kind, names in fields.items() if kind != "required" for name in names}
    required = fields.get("required", [])
    return {"type": "object", "properties": properties, "required": required, "additionalProperties": False}


def _type(kind: str) -> dict[str, Any]:
    name = kind.removesuffix("?")
    found: dict[str, Any] = {"type": name} if name.islower() else {"$ref": f"#/$defs/{name}"}
    return {"anyOf": [found, {"type": "null"}]} if kind.endswith("?") else found


def _published(version: str) -> dict[str, Operation]:
    document = _with_null_types(json.loads(contract_file(f"jellyfin-openapi-{version}.trimmed.json").read_text()))
    return {
        f"{method} {path}": _published_operation(one, document["components"])
        for path, methods in document["paths"].items()
        for method, one in methods.items()
        if method in {"get", "post", "delete"}
    }


def _published_operation(one: dict[str, Any], components: dict[str, Any]) -> Operation:
    def schema(part: dict[str, Any]) -> dict[str, Any] | None:
        content = part.get("content", {}).get("application/json")
        return None if content is None else content["schema"] | {"components": components}

    return Operation(
        frozenset(parameter["name"] for parameter in one.get("parameters", []) if parameter["in"] == "query"),
        schema(one.get("requestBody", {})),
        {status: schema(answer) for status, answer in one["responses"].items()},
    )


def _with_null_types(value: Any) -> Any:
    """OpenAPI 3.0 writes null types in its own way."""
    if isinstance(value, list):
        return [_with_null_types(item) for item in value]
    if not isinstance(value, dict):
        return value
    changed = {name: _with_null_types(item) for name, item in value.items()}
    return {"anyOf": [changed, {"type": "null"}]} if value.get("nullable") is True else changed
