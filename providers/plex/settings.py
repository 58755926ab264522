"""The settings of a Plex Media Server, in `[providers.NAME]` or as `LEEWARD_PLEX_URL` and so on."""

import re
from datetime import timedelta
from hashlib import sha256
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr

from leeward.extension import Duration
from providers.setting_values import CaFile, ProxyUrl, Timeout, WebUrl

DEFAULT_TIMEOUT = timedelta(seconds=5)
_PRINTABLE = re.compile(r"[\x21-\x7e]+")
_PATH = re.compile(r"/[\x21\x24-\x3e\x40-\x7e]*")
_DERIVED_LENGTH = 24


def _token(token: SecretStr) -> SecretStr:
    if not _PRINTABLE.fullmatch(token.get_secret_value()):
        raise ValueError("is not a token; it has letters, digits, '-' and '_', and no space")
    return token


def _path(path: str) -> str:
    if not _PATH.fullmatch(path):
        raise ValueError("is not the path of a URL; write it from its root, as /status/sessions")
    return path


Token = Annotated[SecretStr, AfterValidator(_token)]
ClientIdentifier = Annotated[str, Field(pattern=r"^[\x21-\x7e]{1,128}$")]


class PlexSettings(BaseModel):
    """Descriptions say what to write."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    url: WebUrl = Field(title="Where the server is", description="the address of the Plex server", repr=False)
    token: Token = Field(title="What the fleet signs in with", description="an X-Plex-Token of the server's owner")
    client_identifier: ClientIdentifier | None = Field(
        None,
        title="By what the server recognises this installation",
        description="a name that never changes, as a UUID; made of the address if it is left out",
    )
    health_path: Annotated[str, AfterValidator(_path)] = Field(
        "/status/sessions",
        title="What a health check asks for",
        description="a path whose answer is JSON; /identity needs no token",
    )
    timeout: Timeout = Field(
        DEFAULT_TIMEOUT, title="How long one call may take in all", description="a duration up to 1h"
    )
    connect_timeout: Timeout = Field(
        DEFAULT_TIMEOUT,
        title="How long the name, the connection and TLS may take, each",
        description="a duration up to 1h",
    )
    health_timeout: Timeout = Field(
        DEFAULT_TIMEOUT, title="How long a health check may take in all", description="a duration up to 1h"
    )
    scan_timeout: Duration = Field(
        timedelta(minutes=15),
        gt=timedelta(0),
        le=timedelta(hours=12),
        title="How long a job waits for the end of a scan",
        description="a duration up to 12h",
    )
    poll_every: Duration = Field(
        timedelta(seconds=2),
        ge=timedelta(milliseconds=50),
        le=timedelta(minutes=5),
        title="How often it asks meanwhile whether the scan has ended",
        description="a duration from 50ms to 5m",
    )
    scan_start: Duration = Field(
        timedelta(seconds=10),
        ge=timedelta(0),
        le=timedelta(minutes=10),
        title="How long a scan may take to begin; one that was not seen by then is taken for over",
        description="a duration up to 10m",
    )
    list_limit: int = Field(
        100_000, ge=1, le=10_000_000, title="The most items of a section that are read", description="a number of items"
    )
    refresh_when_available: bool = Field(
        False,  # pydantic's own form
        title="Whether media that a request manager reports as available has its sections scanned",
        description="true or false",
    )
    ca_file: CaFile | None = Field(
        None,
        title="Which authorities are trusted besides those of the system",
        description="the path of a file of certificates to trust besides",
    )
    proxy: ProxyUrl | None = Field(
        None, title="Through which proxy it is reached", description="the address of an HTTP proxy"
    )

    def identifier(self) -> str:
        """The client identifier: without a setting the same for as long as the address is."""
        return self.client_identifier or f"leeward-{sha256(self.url.encode()).hexdigest()[:_DERIVED_LENGTH]}"
