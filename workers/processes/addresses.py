"""Where the servers of a running `leeward up` are, for commands that are given no address."""

import json
import os
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path

from pydantic import SecretStr

from leeward.errors import NotReady
from workers.settings.settings import Settings

_FILE = "addresses.json"


@dataclass(frozen=True, slots=True)
class Addresses:
    """URLs with their passwords.

    Attributes:
        valkey_url: of the Valkey.
        database_url: of the PostgreSQL.
    """

    valkey_url: str = field(repr=False)
    database_url: str = field(repr=False)


class NotConfigured(NotReady):
    """Raised when there is no address of a Valkey."""

    code = "not_configured"

    def __init__(self) -> None:
        super().__init__(
            "No Valkey is configured. Set LEEWARD_VALKEY_URL=redis://host:6379/0, or run `leeward up`, which starts one."
        )


def valkey_address(settings: Settings) -> str:
    """The address that is configured, with its password.

    Raises:
        NotConfigured: there is none.
    """
    if settings.valkey_url is None:
        raise NotConfigured
    return settings.valkey_url.get_secret_value()


def publish(addresses: Addresses, data_dir: Path) -> None:
    """Writes them into the data folder, readable by its owner only."""
    partial = data_dir / f"{_FILE}.partial"
    with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as stream:
        json.dump(asdict(addresses), stream)
    partial.replace(data_dir / _FILE)


def published(data_dir: Path) -> Addresses | None:
    """Those of the `leeward up` that holds the data folder now; None when none does."""
    from leeward.embedded.directory_lock import DirectoryInUse, lock_directory  # worker processes never ask

    with suppress(OSError, ValueError, TypeError):
        addresses = Addresses(**json.loads((data_dir / _FILE).read_text()))
        try:
            os.close(lock_directory(data_dir))
        except DirectoryInUse:
            return addresses
    return None


def with_running_servers(settings: Settings) -> Settings:
    """The settings with both addresses: those configured, else those of a `leeward up` on the same data folder, if one runs."""
    running = published(settings.data_dir)
    if running is None:
        return settings
    valkey_url = settings.valkey_url or SecretStr(running.valkey_url)
    database_url = settings.database_url or SecretStr(running.database_url)
    return settings.model_copy(update={"valkey_url": valkey_url, "database_url": database_url})
