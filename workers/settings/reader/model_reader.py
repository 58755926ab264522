"""From a table of `leeward.toml` and variables to a model: variables override the file, secrets may come from elsewhere."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from pydantic import BaseModel, ValidationError

from leeward.duration import NOT_A_DURATION, parse_duration
from workers.settings.problem import Problem
from workers.settings.reader.advice import advice_for
from workers.settings.reader.model_settings import Setting, settings_of
from workers.settings.reader.secret_places import FROM_ENV, FROM_FILE, Unreadable, secret_in_file, secret_in_variable
from workers.settings.reader.source import PREFIX, Source

M = TypeVar("M", bound=BaseModel)
Path = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Place(Generic[M]):
    """Where the settings of a model are written.

    Attributes:
        at: the names that lead to its table in the file; none for its top.
        variable: the variable of a setting, without prefix.
    """

    model: type[M]
    at: Path
    variable: Callable[[Path], str]

    def variables(self) -> dict[str, Path]:
        """Every variable that is read, without prefix -> the setting."""
        found = dict[str, Path]()
        for setting in settings_of(self.model):
            found[self.variable(setting.path)] = setting.path
            if setting.is_secret:
                found[self.variable(setting.path) + FROM_FILE.upper()] = setting.path
        return found

    def names(self) -> frozenset[Path]:
        """What may be written in the table and the tables in it."""
        found = set[Path]()
        for setting in settings_of(self.model):
            ends = ("", FROM_FILE, FROM_ENV) if setting.is_secret else ("",)
            found |= {(*setting.path[:-1], setting.name + end) for end in ends}
        return frozenset(found)


@dataclass(slots=True)
class Given(Generic[M]):
    """The raw values of a model, and what was wrong before the model saw them.

    Attributes:
        labels: setting -> how people find it.
        written: setting -> what is written there, before it is made a duration or a list.
    """

    place: Place[M]
    source: Source
    values: dict[str, Any] = field(default_factory=dict)
    labels: dict[Path, str] = field(default_factory=dict)
    written: dict[Path, Any] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def validated(self) -> M | None:
        """The model's instance; None where it cannot be used, which `problems` then says."""
        try:
            found = self.place.model.model_validate(self.values, by_name=True, by_alias=True)
        except ValidationError as invalid:
            self.problems += self._invalid(invalid)
            return None
        return None if self.problems else found

    def _invalid(self, invalid: ValidationError) -> Iterator[Problem]:
        settings = {setting.path: setting for setting in settings_of(self.place.model)}
        complained = {problem.name for problem in self.problems}
        secrets = [text for path, setting in settings.items() if (text := self._secret(path, setting))]
        for error in invalid.errors(include_url=False):
            location = tuple(str(part) for part in error["loc"])
            path = _longest(location, settings)
            label = self.labels.get(path) or self.source.at(*self.place.at, *path)
            if label in complained:
                continue  # what could not be read has been said
            if isinstance(self.written.get(path), list | Mapping):
                yield Problem(".".join((label, *location[len(path) :])), advice_for(error, None, secrets))
            elif path not in settings:
                yield Problem(label, advice_for(error, None, secrets))
            elif error["type"] == "missing":
                yield self._missing(settings[path])
            else:
                yield Problem(label, advice_for(error, settings[path], secrets, self.written.get(path)))

    def _secret(self, path: Path, setting: Setting) -> str:
        inner = _lookup(self.values, path[:-1])
        value = inner.get(path[-1]) if inner and not setting.may_be_repeated else None
        return value if isinstance(value, str) else ""

    def _missing(self, setting: Setting) -> Problem:
        variable, wanted = PREFIX + self.place.variable(setting.path), setting.about.description
        if self.place.at and self.source.file and _lookup(self.source.document, self.place.at) is not None:
            keys = (
                f"{setting.name}, {setting.name}{FROM_FILE} or {setting.name}{FROM_ENV}"
                if setting.is_secret
                else setting.name
            )
            return Problem(
                self.source.at(*self.place.at),
                f"lacks {setting.name}; write {wanted or 'it'} as {keys} there, or set {variable}.",
            )
        first = next(iter(self.labels.values()), PREFIX)
        return Problem(
            first, f"is set without {variable}; set that{f' to {wanted}' if wanted else ''}, or remove this."
        )


def read_model(place: Place[M], source: Source) -> Given[M]:
    """The raw values; `validated` makes the model of them."""
    given = Given(place, source)
    table = _lookup(source.document, place.at) if place.at else source.document
    for setting in settings_of(place.model):
        try:
            found = _from_variables(place, source, setting) or _from_table(place, source, setting, table or {})
        except Unreadable as unreadable:
            given.problems.append(unreadable.problem)
            given.labels[setting.path] = unreadable.problem.name
            _put(given.values, setting.path, "")
            continue
        if found is None:
            continue
        label, value = found
        given.labels[setting.path], given.written[setting.path] = label, value
        try:
            _put(given.values, setting.path, _converted(setting, value))
        except ValueError as error:
            given.problems.append(Problem(label, f"{error}."))
            _put(given.values, setting.path, value)
    return given


def _from_variables(place: Place[M], source: Source, setting: Setting) -> tuple[str, Any] | None:
    variable = place.variable(setting.path)
    in_file = variable + FROM_FILE.upper()
    text, file = source.variables.get(variable), source.variables.get(in_file) if setting.is_secret else None
    if file is None:
        return None if text is None else (PREFIX + variable, _listed(setting, text))
    if text is not None:
        raise Unreadable(Problem(PREFIX + in_file, f"and {PREFIX}{variable} are both set; remove one of them."))
    return PREFIX + in_file, secret_in_file(PREFIX + in_file, file)


def _from_table(place: Place[M], source: Source, setting: Setting, table: Mapping[str, Any]) -> tuple[str, Any] | None:
    inner = _lookup(table, setting.path[:-1])
    if inner is None:
        return None
    ends = ("", FROM_FILE, FROM_ENV) if setting.is_secret else ("",)
    keys = [setting.name + end for end in ends if setting.name + end in inner]
    if not keys:
        return None
    label = source.at(*place.at, *setting.path[:-1], keys[0])
    if len(keys) > 1:
        raise Unreadable(Problem(label, f"and {' and '.join(keys[1:])} are both there; remove one of them."))
    value = inner[keys[0]]
    if keys[0].endswith(FROM_FILE) and keys[0] != setting.name:
        return label, secret_in_file(label, value)
    if keys[0].endswith(FROM_ENV) and keys[0] != setting.name:
        return label, secret_in_variable(label, value, source.environ)
    return label, value


def _converted(setting: Setting, value: Any) -> Any:
    if isinstance(value, bool) and not setting.is_flag:
        raise ValueError(
            f"is {str(value).lower()}, which cannot be used; write {setting.about.description or 'a value'}"
        )
    if not setting.is_duration:
        return value
    try:
        return _durations(value)
    except ValueError:
        raise ValueError(f"is {value!r}, which {NOT_A_DURATION}") from None


def _durations(value: Any) -> Any:
    match value:
        case list():
            return [parse_duration(one) for one in value]
        case dict():
            return {name: parse_duration(one) for name, one in value.items()}
    return parse_duration(value)


def _listed(setting: Setting, text: str) -> Any:
    return [part.strip() for part in text.split(",") if part.strip()] if setting.is_list else text


def _lookup(table: Any, path: Path) -> Mapping[str, Any] | None:
    for name in path:
        table = table.get(name) if isinstance(table, Mapping) else None
    return table if isinstance(table, Mapping) else None


def _put(values: dict[str, Any], path: Path, value: Any) -> None:
    for name in path[:-1]:
        values = values.setdefault(name, {})
    values[path[-1]] = value


def _longest(location: Path, settings: Mapping[Path, Setting]) -> Path:
    """The setting that a place in the values belongs to: pydantic also names the member of a union, or of a list."""
    return next((location[:end] for end in range(len(location), 0, -1) if location[:end] in settings), location)
