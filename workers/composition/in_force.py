"""Every value that a process of this environment would work with, and where it is from: for `leeward config`, as a process of its own."""

import os
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Any

from pydantic import BaseModel, SecretBytes, SecretStr

from broker.guards.config import GuardConfig
from leeward.duration import duration_text
from leeward.jobs.secret import REDACTED
from leeward.redaction import cleaned, hide_credentials
from workers.composition.answering import answer
from workers.composition.composition import compose
from workers.composition.instance import Instance
from workers.settings.core_names import with_durations
from workers.settings.display import shown_url
from workers.settings.instances.guard_numbers import PROVIDER_GUARDS, variable
from workers.settings.instances.instances import Written
from workers.settings.reader.model_reader import Given, Place, read_model
from workers.settings.reader.model_settings import Setting, settings_of
from workers.settings.reader.source import PREFIX, Source
from workers.settings.settings import Settings, core_place

USUAL = GuardConfig()
DEFAULT = "default"
OF_TYPE = "default of its type or profile"
TABLES = ("retry_presets", "actors", "dependencies")
"""What is written in these is in force as it is written; what is not written there is each actor's own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class InForce:
    """A value.

    Attributes:
        section: the table that it belongs to, as `providers.acme`; empty for the fleet's own settings.
        key: its name there.
        value: as people write it; secrets are hidden.
        source: `default`, the variable, or the file and the place in it.
        variable: what would override it; empty where that is not one variable.
    """

    section: str
    key: str
    value: str
    source: str
    variable: str = ""


def in_force(settings: Settings) -> Iterator[InForce]:
    """The fleet's own settings, then every instance of a provider, then what is written of presets and actors."""
    source = settings.source
    yield InForce(
        section="", key="config", value=str(source.file or "none"), source=_config(source), variable="LEEWARD_CONFIG"
    )
    yield from _of_model(settings, "", read_model(core_place(source), with_durations(source)))
    composition = compose(settings)
    hide_credentials(composition.fleet.credentials())
    for instance in composition.instances.values():
        yield from _of_instance(instance, source)
    for table in TABLES:
        yield from _written(source, (table,), source.table(table))


def _config(source: Source) -> str:
    return DEFAULT if source.file is None else "LEEWARD_CONFIG"


def _of_instance(instance: Instance, source: Source) -> Iterator[InForce]:
    table = source.table("providers").get(instance.name)
    written = Written(instance.name, instance.type, table or {}, in_file=table is not None)
    section = ".".join(written.at)
    yield InForce(
        section=section,
        key="type",
        value=instance.type.name,
        source=source.at(*written.at) if "type" in written.table else DEFAULT,
    )
    yield from _of_model(instance.settings, section, read_model(written.settings, source))
    options = read_model(written.options, source)
    yield from _of_model(instance, section, options)
    for guard in PROVIDER_GUARDS:
        name = variable(instance.name, guard)
        value = getattr(instance.guards, guard)
        if name in source.variables:
            where = PREFIX + name
        elif guard in written.table:
            where = source.at(*written.at, guard)
        else:
            where = DEFAULT if value == getattr(USUAL, guard) else OF_TYPE
        yield InForce(section=section, key=guard, value=_shown(value), source=where, variable=PREFIX + name)


def _of_model(holder: object, section: str, given: Given[Any]) -> Iterator[InForce]:
    place: Place[Any] = given.place
    for setting in settings_of(place.model):
        value = holder
        for name in setting.path:
            value = _member(value, name)
        yield InForce(
            section=section,
            key=".".join(setting.path),
            value=_hidden(setting, value),
            source=given.labels.get(setting.path, DEFAULT),
            variable=PREFIX + place.variable(setting.path),
        )


def _member(holder: object, name: str) -> object:
    """By its alias, too: a field may have another name in Python."""
    if isinstance(holder, BaseModel):
        fields = type(holder).model_fields
        name = next((field for field, about in fields.items() if (about.alias or field) == name), name)
    return getattr(holder, name)


def _hidden(setting: Setting, value: Any) -> str:
    if isinstance(value, SecretStr | SecretBytes):
        text = value.get_secret_value()
        return shown_url(text) if isinstance(text, str) and setting.name.endswith("url") else REDACTED
    text = _shown(value)
    if "://" in text and not setting.may_be_repeated:
        return shown_url(text)
    return cleaned(text)


def _written(source: Source, at: tuple[str, ...], table: Mapping[str, Any]) -> Iterator[InForce]:
    for key, value in table.items():
        if isinstance(value, Mapping):
            yield from _written(source, (*at, key), value)
        else:
            section, shown = ".".join(f'"{part}"' if "." in part else part for part in at), cleaned(_shown(value))
            yield InForce(section=section, key=key, value=shown, source=source.at(*at, key))


def _shown(value: Any) -> str:
    match value:
        case None | "":
            text = "none"
        case bool():
            text = str(value).lower()
        case timedelta():
            text = duration_text(value)
        case tuple() | list() | set() | frozenset():
            text = ", ".join(_shown(one) for one in value) or "none"
        case Mapping():
            text = ", ".join(f"{key} = {_shown(one)}" for key, one in value.items()) or "none"
        case BaseModel() | SecretStr() | SecretBytes():
            text = REDACTED
        case _:
            text = str(value)
    return text


def listed() -> list[dict[str, str]]:
    """Everything, with this process's environment."""
    settings, _ = Settings.read(Source.read(os.environ))
    settings.hide_secrets()
    return [asdict(one) for one in in_force(settings)]


if __name__ == "__main__":
    answer(listed)
