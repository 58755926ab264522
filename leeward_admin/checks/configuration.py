"""The configuration in force in this environment: every value with where it is from, and the addresses of the servers."""

from dataclasses import dataclass
from typing import Literal

from leeward_admin.loading import answer_of
from leeward_admin.server_errors import AddressMissing
from workers.processes.addresses import with_running_servers
from workers.settings.settings import Settings

__all__ = ["ConfigurationValue", "address_of", "configuration"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfigurationValue:
    """A value that a worker of this environment would work with.

    Attributes:
        section: the table of `leeward.toml` that it belongs to, as `providers.acme`; empty for the fleet's own settings.
        key: its name there.
        value: as people write it; a secret is `[redacted]`, and so is the password of an address.
        source: `default`, the variable, or the file and the place in it.
        variable: what would override it; empty where that is not one variable.
    """

    section: str
    key: str
    value: str
    source: str
    variable: str


def configuration() -> list[ConfigurationValue]:
    """The fleet's own settings, then providers, retry presets and actors. Asks no server. What cannot be used is left out: see
    `check_installation`.

    Raises:
        ExtensionsNotLoaded: importing an extension ended the process that did it.
    """
    return [ConfigurationValue(**one) for one in answer_of("workers.composition.in_force")]


def address_of(settings: Settings, server: Literal["valkey", "postgresql"]) -> str:
    """The address of a server with its password: the one that is configured, else that of the `leeward up` that runs on the data folder.

    Raises:
        AddressMissing: there is none.
    """
    reachable = with_running_servers(settings)
    name, url = {"valkey": ("Valkey", reachable.valkey_url), "postgresql": ("PostgreSQL", reachable.database_url)}[
        server
    ]
    if url is None:
        raise AddressMissing(name, settings)
    return url.get_secret_value()
