"""What can be done next, as data: a diagnosis names it, and each face of the fleet renders it in its own way."""

from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, ClassVar


@dataclass(frozen=True, slots=True)
class Action:
    """One step that a person may take. A subclass is a kind of step, its fields are the arguments.

    Attributes:
        kind: names the kind for programs; stays the same from release to release.
        changes: whether the step changes something; a face then asks first, or says that it does.
    """

    kind: ClassVar[str]
    changes: ClassVar[bool] = False

    def document(self) -> dict[str, Any]:
        """The step in JSON types; arguments that are not given are left out."""
        return {"kind": self.kind, "arguments": given(self)}


def given(arguments: Any) -> dict[str, Any]:
    """The fields of a dataclass in JSON types, without those that are not given."""
    values = {field.name: _plain(getattr(arguments, field.name)) for field in fields(arguments)}
    return {name: value for name, value in values.items() if value is not None}


def _plain(value: Any) -> Any:
    """None for what is not given."""
    match value:
        case False | () | "":
            return None
        case datetime():
            return value.isoformat()
        case ((_, _), *_):
            return dict(value)
        case tuple():
            return list(value)
    return value.document() if hasattr(value, "document") else value
