"""The settings of a fleet under test, read from a file as any fleet's are."""

import json
from collections.abc import Iterator, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

from leeward.duration import duration_text
from leeward.testing import Providers
from middleware.retries.presets import PRESETS
from workers.settings.settings import Settings

PAUSE = timedelta(milliseconds=1)
"""Between two attempts."""


def settings_of(folder: Path, valkey_url: str, providers: Providers) -> Settings:
    """Writes `leeward.toml` into a folder and reads it. Nothing of this process's environment counts.

    Raises:
        InvalidSettings: an instance's settings cannot be used.
    """
    file = folder / "leeward.toml"
    tables: dict[str, Mapping[str, Any]] = {
        **{f"retry_presets.{name}": {"shortest": PAUSE, "longest": PAUSE} for name in PRESETS},
        **{f"providers.{_key(name)}": values for name, values in providers.items()},
    }
    file.write_text("\n".join(("profile = 'testing'", *_lines(tables))), encoding="utf-8")
    return Settings.load({"LEEWARD_CONFIG": str(file), "LEEWARD_VALKEY_URL": valkey_url})


def _lines(tables: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    for name, values in tables.items():
        yield f"[{name}]"
        yield from (f"{_key(key)} = {_value(value)}" for key, value in values.items())


def _key(name: str) -> str:
    return json.dumps(name)


def _value(value: object) -> str:
    match value:
        case timedelta():
            return json.dumps(duration_text(value))
        case Mapping():
            return "{" + ", ".join(f"{_key(key)} = {_value(one)}" for key, one in value.items()) + "}"
        case list() | tuple():
            return "[" + ", ".join(map(_value, value)) + "]"
        case bool() | int() | float() | str():
            return json.dumps(value)
    return json.dumps(str(value))
