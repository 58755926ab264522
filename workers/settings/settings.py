"""The settings of the fleet itself on one machine, from `LEEWARD_` variables and `leeward.toml`, each read once in a process.

What belongs to installed extensions (instances of providers, their actors, retry presets) is read by `workers.settings.instances`, from
the same `source`.
"""

import os
from collections.abc import Iterator, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, InstanceOf, SecretStr

from leeward.duration import Duration
from leeward.redaction import add_secret_names, hide_credentials
from workers.settings.core_names import core_problems, core_variable, core_variables_of, with_durations
from workers.settings.credentials import passwords_in
from workers.settings.cron import Cron, Zone
from workers.settings.problem import InvalidSettings, Problem
from workers.settings.reader.model_reader import Place, read_model
from workers.settings.reader.source import Source
from workers.settings.self_drain import SelfDrainSettings
from workers.settings.values import DatabaseUrl, LowerCase, UpperCase, ValkeyUrl

_SHORTEST_KEPT, _LONGEST_KEPT = timedelta(hours=1), timedelta(days=3650)
_KEPT = "a duration from 1h to 3650d, as 30d"
_CRON = "a cron schedule, or a duration as 30s"


class Settings(BaseModel):
    """Values that have been checked. Each may be written in `leeward.toml` under the name of its field, or as the variable `LEEWARD_` and
    that name in capitals, which overrides the file. A secret may be kept in a file: `LEEWARD_DATABASE_URL_FILE=/run/secrets/database`.
    Descriptions say what to write.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    valkey_url: ValkeyUrl | None = Field(
        None, title="The server that holds queues and guards", description="the address of a Valkey or Redis"
    )
    database_url: DatabaseUrl | None = Field(
        None,
        title="The server that holds dead letters and accounts; without it there is no dead letter search and no account expiry",
        description="the address of a PostgreSQL",
    )
    outbox_database_url: DatabaseUrl | None = Field(
        None,
        title="A producer's database whose `leeward_outbox` a relay moves on; without it there is no outbox",
        description="the address of a PostgreSQL",
    )
    outbox_http_port: int = Field(
        9192,
        ge=0,
        le=65535,
        title="Where an outbox relay serves `/metrics` and `/health`, on the address of `http_host`",
        description="a port from 1 to 65535, or 0 for any free one",
    )
    data_dir: Path = Field(
        Path(".leeward"),
        title="Where `leeward up` keeps the servers that it starts itself",
        description="the folder of the embedded servers",
    )

    profile: Annotated[Literal["production", "development", "testing"], LowerCase] | None = Field(
        None,
        title="How fast guards react: development and testing shorten their times",
        description="production, development or testing",
    )

    secret_names: tuple[str, ...] = Field(
        (),
        title="Further names of payload fields whose values are hidden everywhere",
        description="names of fields to hide, separated by commas",
    )

    processes: int = Field(
        2, ge=1, le=256, title="Worker processes of one host", description="a whole number from 1 to 256"
    )
    threads: int = Field(
        8,
        ge=1,
        le=1024,
        title="Threads of one worker process, each running one job",
        description="a whole number from 1 to 1024",
    )
    lease: Duration = Field(
        timedelta(seconds=15),
        ge=timedelta(seconds=2),
        le=timedelta(hours=1),
        title="How long a job belongs to a worker that does not renew its lease",
        description="a duration from 2s to 1h",
    )
    drain: Duration = Field(
        timedelta(seconds=30),
        ge=timedelta(0),
        le=timedelta(hours=1),
        title="How long running jobs may continue after SIGTERM",
        description="a duration from 0s to 1h",
    )

    http_host: str = Field(
        "127.0.0.1",
        title="Where a host serves `/metrics` and `/health`",
        description="the address that metrics and health are served on",
    )
    http_port: int = Field(
        9191, ge=0, le=65535, title="On which port", description="a port from 1 to 65535, or 0 for any free one"
    )
    log_format: Annotated[Literal["auto", "json", "text"], LowerCase] = Field(
        "auto",
        title="How log lines look; `auto` is text on a terminal and JSON elsewhere",
        description="auto, json or text",
    )
    log_level: Annotated[Literal["DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"], UpperCase] = Field(
        "INFO", title="The lowest level that is logged", description="debug, info, warning, error or critical"
    )

    events_kept: Duration = Field(
        timedelta(days=30),
        ge=timedelta(minutes=1),
        le=timedelta(days=365),
        title="How long schedulers keep events in their streams; of each provider no more than the latest 10,000",
        description="a duration from 1m to 365d",
    )
    schedule_zone: Zone = Field(
        "UTC",
        title="Whose local times cron schedules mean",
        description="the time zone of the schedules, as Europe/Berlin",
    )
    probe_schedule: Cron = Field(
        "30s",
        title="When the health of each provider is checked, where the instance has no `health_every`; also of machines and servers",
        description=_CRON,
    )
    expiry_schedule: Cron = Field("* * * * *", title="When accounts that have expired are disabled", description=_CRON)
    prune_schedule: Cron = Field("17 3 * * *", title="When old dead letters are deleted", description=_CRON)

    keep_finished: Duration = Field(
        timedelta(days=30),
        ge=_SHORTEST_KEPT,
        le=_LONGEST_KEPT,
        title="How long discarded and recovered dead letters are kept",
        description=_KEPT,
    )
    keep_discarded: Duration | None = Field(
        None, ge=_SHORTEST_KEPT, le=_LONGEST_KEPT, title="The same for discarded ones alone", description=_KEPT
    )
    keep_recovered: Duration | None = Field(
        None, ge=_SHORTEST_KEPT, le=_LONGEST_KEPT, title="The same for recovered ones alone", description=_KEPT
    )
    self_drain: SelfDrainSettings = Field(default_factory=SelfDrainSettings, description="a table")

    source: InstanceOf[Source] = Field(default_factory=Source, exclude=True, repr=False)

    @property
    def config(self) -> Path | None:
        """The `leeward.toml`; None where `LEEWARD_CONFIG` names none."""
        return self.source.file

    @classmethod
    def load(cls, environ: Mapping[str, str]) -> "Settings":
        """Reads, checks and freezes.

        Raises:
            InvalidSettings: with every problem that there is.
        """
        settings, problems = cls.read(Source.read(environ))
        if problems:
            raise InvalidSettings(problems)
        return settings

    @classmethod
    def read(cls, source: Source) -> tuple["Settings", list[Problem]]:
        """The same without raising: what cannot be used leaves the defaults, and every problem is in the list."""
        given = read_model(core_place(source), with_durations(source))
        settings = given.validated()
        problems = [*source.problems, *given.problems, *core_problems(source, core_place())]
        return (settings or Settings()).model_copy(update={"source": source}), problems

    @classmethod
    def from_environment(cls) -> "Settings":
        """`load` with this process's environment, whose credentials no text of this process shows from then on.

        Raises:
            InvalidSettings: with every problem that there is.
        """
        settings = cls.load(os.environ)
        settings.hide_secrets()
        return settings

    def hide_secrets(self) -> None:
        """No text of this process shows the credentials from then on, nor the fields that `secret_names` names."""
        add_secret_names(self.secret_names)
        hide_credentials(_credentials(self))


def core_place(source: Source | None = None) -> Place[Settings]:
    """Where they are written: at the top of the file, and in variables; in those of older releases where the source has them."""
    return Place(Settings, (), core_variable(source or Source()))


def core_variables() -> frozenset[str]:
    """The variables of the fleet's own settings, without prefix, with those that name the file of a secret and those of older releases."""
    return core_variables_of(core_place())


def environment_with(**variables: str) -> dict[str, str]:
    """This process's environment with other values, for a child. A value takes the place of the file that was to hold it."""
    files = {f"{name}_FILE" for name in variables}  # a secret and its file exclude each other
    return {name: text for name, text in os.environ.items() if name not in files} | variables


def _credentials(settings: Settings) -> Iterator[str]:
    """Of an address, only the password is a secret."""
    values = [value for _, value in settings if isinstance(value, SecretStr)]
    for text in (value.get_secret_value() for value in values):
        yield from passwords_in(text) if "://" in text else (text,)
