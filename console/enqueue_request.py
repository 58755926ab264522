"""From what a person typed to a job of the contract."""

import json
from collections.abc import Mapping, Sequence
from datetime import timedelta
from difflib import get_close_matches
from typing import Any, TextIO, get_origin

import click
from pydantic import ValidationError

from leeward import Job, Priority, Request
from leeward.duration import parse_duration
from leeward.kinds import KINDS
from storage.payload_problems import problems_of


def payload_from(kind: str, settings: Sequence[str], file: TextIO | None) -> dict[str, Any]:
    """The payload of a file with what was set on top.

    Raises:
        click.UsageError: with what to write instead.
    """
    payload = read_payload(file) if file else {}
    lists = {name for name, field in newest(kind).model_fields.items() if get_origin(field.annotation) in {tuple, list}}
    for setting in settings:
        name, value = parted(setting)
        if name in lists and isinstance(value, str):
            value = [*payload.get(name, []), value]
        payload[name] = value
    return payload


def request_for(kind: str, payload: Mapping[str, Any], options: Mapping[str, Any]) -> Request:
    """The job with its options `key`, `delay`, `priority` and `deadline`; durations may be text.

    Raises:
        click.UsageError: no such kind, a payload that does not fit it, or an impossible option; never shows a value.
    """
    model = newest(kind)
    try:
        job = model.model_validate(payload)
    except ValidationError as error:
        raise click.UsageError(f"This is no {kind}: {problems_of(model, error)}") from None
    try:
        return Request(
            job,
            idempotency_key=options.get("key"),
            delay=_duration(options.get("delay")),
            priority=Priority(options["priority"]) if options.get("priority") else None,
            deadline=_duration(options.get("deadline")),
        )
    except ValueError as error:
        raise click.UsageError(str(error)) from None


def newest(kind: str) -> type[Job]:
    """The newest version of a kind.

    Raises:
        click.UsageError: there is no such kind.
    """
    versions = KINDS.versions(kind)
    if not versions:
        names = KINDS.names()
        close = get_close_matches(kind, names, n=1)
        hint = f"Did you mean {close[0]}?" if close else f"There are {', '.join(names)}."
        raise click.UsageError(f"There is no kind {kind!r}. {hint}")
    return versions[-1]


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
        raise click.UsageError(f"--set {name[:-1]} is no JSON ({error}); write NAME=VALUE for plain text.") from None


def read_payload(file: TextIO) -> dict[str, Any]:
    """The JSON object that a file holds.

    Raises:
        click.UsageError: it holds something else.
    """
    try:
        payload = json.load(file)
    except (json.JSONDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise click.UsageError(f"{file.name} is no JSON: {error}.") from None
    if not isinstance(payload, dict):
        raise click.UsageError(f'{file.name} is no payload: write a JSON object, as {{"user": "alice"}}.')
    return payload


def _duration(value: str | timedelta | None) -> timedelta | None:
    return parse_duration(value) if isinstance(value, str) else value
