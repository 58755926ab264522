"""The configuration of a machine of the fleet, and the only reader of the environment."""

import os
from collections.abc import Iterator, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Literal, Self
from urllib.parse import unquote, urlsplit

from pydantic import BaseModel, ConfigDict, Field, InstanceOf, SecretStr, ValidationError

from leeward.redaction import add_secret_names, hide_credentials
from providers.jellyfin.config import DEFAULT_LIST_LIMIT_BYTES
from workers.instances.source import Source
from workers.settings.cron import Cron, Zone
from workers.settings.dependencies import incomplete_groups
from workers.settings.environment import PREFIX, raw_values
from workers.settings.guards.defaults import PROFILES
from workers.settings.guards.environment import GUARD_VARIABLES
from workers.settings.guards.settings import FleetGuards, read_guards
from workers.settings.problem import InvalidSettings, Problem
from workers.settings.values import (
    AbsolutePath,
    CaFile,
    DatabaseUrl,
    Domains,
    HostName,
    LowerCase,
    MailAddress,
    Overrides,
    Period,
    ProxyUrl,
    Seconds,
    UpperCase,
    ValkeyUrl,
    WebUrl,
)

_SMTP_PORTS = {"none": 25, "starttls": 587, "implicit": 465}


def _variable(field: str) -> str:
    return field.upper()


class Settings(BaseModel):
    """Values that have been checked. Each field is read from `LEEWARD_` and its name in capitals (or its alias); descriptions say what to
    write. Secrets may come from a file: `LEEWARD_SMTP_PASSWORD_FILE=/run/secrets/smtp`. `guards` is read from the file that `config` names
    and from variables of its own (`workers.settings.guards.environment`).
    """

    model_config = ConfigDict(
        frozen=True, extra="forbid", alias_generator=_variable, validate_by_name=True, hide_input_in_errors=True
    )

    valkey_url: ValkeyUrl | None = Field(None, description="the address of a Valkey or Redis")
    database_url: DatabaseUrl | None = Field(None, description="the address of a PostgreSQL")
    data_dir: Path = Field(Path(".leeward"), description="the folder of the embedded servers")

    config: Path | None = Field(None, description="the path of a leeward.toml")
    profile: Annotated[Literal["production", "development", "testing"], LowerCase] | None = Field(
        None, description="production, development or testing"
    )
    guards: InstanceOf[FleetGuards] = Field(
        default_factory=FleetGuards.default, description="numbers in leeward.toml or in LEEWARD_GUARD_ variables"
    )

    source: InstanceOf[Source] = Field(
        default_factory=Source,
        exclude=True,
        repr=False,
        description="what was read, for who knows the installed extensions",
    )

    secret_names: str = Field("", description="names of fields to hide, separated by commas")

    processes: int = Field(2, ge=1, le=256, description="a whole number from 1 to 256")
    threads: int = Field(8, ge=1, le=1024, description="a whole number from 1 to 1024")
    lease: Seconds = Field(
        timedelta(seconds=15), alias="LEASE_SECONDS", ge=timedelta(seconds=2), description="seconds, from 2 to 3600"
    )
    drain: Seconds = Field(timedelta(seconds=30), alias="DRAIN_SECONDS", description="seconds, from 0 to 3600")

    http_host: str = Field("127.0.0.1", description="the address that metrics and health are served on")
    http_port: int = Field(9191, ge=0, le=65535, description="a port from 1 to 65535, or 0 for any free one")
    log_format: Annotated[Literal["auto", "json", "text"], LowerCase] = Field("auto", description="auto, json or text")
    log_level: Annotated[Literal["DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"], UpperCase] = Field(
        "INFO", description="debug, info, warning, error or critical"
    )

    jellyfin_url: WebUrl | None = Field(None, description="the address of the Jellyfin server")
    jellyfin_token: SecretStr | None = Field(None, description="an API key of the Jellyfin server")
    jellyfin_ca_file: CaFile | None = Field(None, description="the path of a file of certificates to trust besides")
    jellyfin_list_limit_bytes: int = Field(
        DEFAULT_LIST_LIMIT_BYTES, ge=1, le=2**33, description="bytes, about 3000 for each account"
    )
    jellyfin_proxy: ProxyUrl | None = Field(None, description="the address of an HTTP proxy")

    smtp_host: str | None = Field(None, description="the mail server's name")
    smtp_port: int | None = Field(None, ge=1, le=65535, description="a port from 1 to 65535")
    smtp_username: str | None = Field(None, description="the account at the mail server")
    smtp_password: SecretStr | None = Field(None, description="that account's password")
    smtp_tls: Annotated[Literal["none", "starttls", "implicit"], LowerCase] = Field(
        "starttls", description="none, starttls or implicit"
    )
    smtp_sender: MailAddress | None = Field(None, description="the address that mail comes from")

    smtp_local_name: HostName | None = Field(
        None, description="the name that this machine gives itself at the mail server"
    )
    smtp_case_insensitive_domains: Domains = Field(
        frozenset(), description="domains whose mailboxes do not differ by case, separated by commas, or * for all"
    )
    smtp_ca_file: CaFile | None = Field(None, description="the path of a file of certificates to trust besides")
    smtp_overrides: Overrides = Field(
        (), description="replies and what they mean, as 550 try tomorrow = quota; 554 busy = transient"
    )

    download_root: AbsolutePath | None = Field(None, description="the folder that downloads stay inside")
    download_allow_private: bool = Field(default=False, description="true or false")
    keep_parts: Period = Field(timedelta(days=7), description="a period as 30d, 12h or 8w")
    download_ca_file: CaFile | None = Field(None, description="the path of a file of certificates to trust besides")
    download_proxy: ProxyUrl | None = Field(None, description="the address of an HTTP proxy")

    schedule_zone: Zone = Field("UTC", description="the time zone of the schedules, as Europe/Berlin")
    probe_schedule: Cron = Field("* * * * *", description="a cron schedule, or a duration as 30s")
    expiry_schedule: Cron = Field("*/5 * * * *", description="a cron schedule, or a duration as 30s")

    prune_schedule: Cron = Field("17 3 * * *", description="a cron schedule, or a duration as 30s")
    keep_finished: Period = Field(timedelta(days=30), description="a period as 30d, 12h or 8w")
    keep_discarded: Period | None = Field(None, description="a period as 30d, 12h or 8w")
    keep_recovered: Period | None = Field(None, description="a period as 30d, 12h or 8w")
    self_drain: str = Field("", description="kinds of jobs with commas between, as sync.user,download.file")

    @property
    def smtp_port_in_use(self) -> int:
        """The port that was set, or the usual one of the way TLS is used."""
        return self.smtp_port or _SMTP_PORTS[self.smtp_tls]

    @property
    def self_drain_actors(self) -> list[str]:
        """The actors whose dead letters of an outage are replayed by themselves, as far as the environment says."""
        return [name.strip() for name in self.self_drain.split(",") if name.strip()]

    @classmethod
    def load(cls, environ: Mapping[str, str]) -> Self:
        """Reads, checks and freezes.

        Raises:
            InvalidSettings: with every problem that there is.
        """
        source = Source.read(environ)
        values, problems = raw_values(environ, names=VARIABLES.keys() | GUARD_VARIABLES.keys(), secrets=SECRETS)
        problems += incomplete_groups(values)
        numbers = {name: values.pop(name) for name in GUARD_VARIABLES.keys() & values.keys()}
        guards, wrong_numbers = _guards(values, numbers)
        problems += wrong_numbers
        try:
            settings = cls.model_validate(values | {"guards": guards, "source": source})
        except ValidationError as invalid:
            raise InvalidSettings([*problems, *_value_problems(invalid, values, problems)]) from None
        if problems:
            raise InvalidSettings(problems)
        return settings

    @classmethod
    def from_environment(cls) -> Self:
        """`load` with this process's environment, whose credentials no text of this process shows from then on.

        Raises:
            InvalidSettings: with every problem that there is.
        """
        settings = cls.load(os.environ)
        add_secret_names(settings.secret_names.split(","))
        hide_credentials(_credentials(settings))
        return settings


VARIABLES: Mapping[str, str] = {
    field.alias or name: name for name, field in Settings.model_fields.items() if name not in {"guards", "source"}
}
"""Variable without prefix -> field."""
_URLS = frozenset({"VALKEY_URL", "DATABASE_URL"})  # of which the password is secret
_PROXIES = frozenset({"JELLYFIN_PROXY", "DOWNLOAD_PROXY"})  # whose password is secret, too
SECRETS = _URLS | _PROXIES | {"JELLYFIN_TOKEN", "SMTP_PASSWORD"}
"""The variables that may be given as a file, and that nobody is shown."""
_UNREPEATED = SECRETS | {"JELLYFIN_URL"}  # people paste tokens into it


def core_variables() -> set[str]:
    """The variables of the fleet's own settings, without prefix, those that name the file of a secret included."""
    own = {name for name in VARIABLES if not name.startswith(("JELLYFIN_", "SMTP_", "DOWNLOAD_", "KEEP_PARTS"))}
    return own | {f"{name}_FILE" for name in own & SECRETS}


def environment_with(**variables: str) -> dict[str, str]:
    """This process's environment with other values, for a child. A value takes the place of the file that was to hold it."""
    files = {f"{name}_FILE" for name in variables}  # a secret and its file exclude each other
    return {name: text for name, text in os.environ.items() if name not in files} | variables


def _credentials(settings: Settings) -> Iterator[str]:
    values = [value for _, value in settings if isinstance(value, SecretStr)]
    for value in values:
        text = value.get_secret_value()
        address = urlsplit(text) if "://" in text else None
        if address is None:
            yield text
        elif address.password:
            yield from (address.password, unquote(address.password))


def _guards(values: Mapping[str, str], numbers: Mapping[str, str]) -> tuple[FleetGuards, list[Problem]]:
    file, profile = values.get("CONFIG"), values.get("PROFILE", "").lower()
    return read_guards(Path(file) if file else None, profile if profile in PROFILES else None, numbers)


def _value_problems(invalid: ValidationError, values: Mapping[str, str], known: list[Problem]) -> Iterator[Problem]:
    told = {problem.name.removesuffix("_FILE") for problem in known}
    for error in invalid.errors(include_url=False, include_input=False):
        variable = str(error["loc"][0])
        if not values[variable] and PREFIX + variable in told:
            continue  # its file could not be read, and that has been said
        own_words = str(error["ctx"]["error"]) if error["type"] == "value_error" else ""
        yield Problem(PREFIX + variable, _advice(variable, values[variable], own_words))


def _advice(variable: str, text: str, own_words: str) -> str:
    """Ours where a check of our own spoke; else what the field's description asks for."""
    shown = "" if variable in _UNREPEATED else f"is {text!r}, which "
    wanted = Settings.model_fields[VARIABLES[variable]].description
    if own_words:
        return f"{shown}{own_words}."
    return f"{shown}cannot be used; write {wanted}."
