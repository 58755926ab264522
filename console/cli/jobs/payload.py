"""From the typed options to a payload."""

import json
from collections.abc import Sequence
from typing import Any, TextIO, get_origin

import click

from leeward_admin import newest_kind


def payload_from(kind: str, settings: Sequence[str], file: TextIO | None) -> dict[str, Any]:
    """The payload of a file with what was set on top.

    Raises:
        click.UsageError: with what to write instead.
        UnknownKind: there is no such kind.
    """
    payload = read_payload(file) if file else {}
    lists = {
        name for name, field in newest_kind(kind).model_fields.items() if get_origin(field.annotation) in {tuple, list}
    }
    for setting in settings:
        name, value = parted(setting)
        if name in lists and isinstance(value, str):
            value = [*payload.get(name, []), value]
        payload[name] = value
    return payload


def parted(setting: str) -> tuple[str, Any]:
    """The name and the value of `NAME=VALUE` or `NAME:=JSON`.

    Raises:
        click.UsageError: it is neither.
    """
    name, equals, text = setting.partition("=")
    if not equals or not name.rstrip(":"):
        raise click.UsageError(f"--set {name} has no value: write NAME=VALUE, or NAME:=JSON.")
    if not name.endswith(":"):
        return name, text
    try:
        return name[:-1], json.loads(text)
    except json.JSONDecodeError as error:
        raise click.UsageError(f"--set {name[:-1]} is not JSON ({error}); write NAME=VALUE for plain text.") from None


def read_payload(file: TextIO) -> dict[str, Any]:
    """The JSON object that a file holds.

    Raises:
        click.UsageError: it holds something else.
    """
    try:
        payload = json.load(file)
    except (json.JSONDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise click.UsageError(f"{file.name} is not JSON: {error}.") from None
    if not isinstance(payload, dict):
        raise click.UsageError(f'{file.name} is not a payload: write a JSON object, such as {{"user": "alice"}}.')
    return payload
