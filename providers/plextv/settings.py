"""The settings of signing in with plex.tv, in `[providers.NAME]` or as `LEEWARD_PLEXTV_CLIENT_IDENTIFIER` and so on."""

from datetime import timedelta
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from leeward.extension import Duration
from providers.setting_values import CaFile, ProxyUrl, Timeout, WebUrl

PUBLIC_URL = "https://plex.tv"
PUBLIC_CLIENTS_URL = "https://clients.plex.tv"
PUBLIC_APP_URL = "https://app.plex.tv/auth"


class PlexTvSettings(BaseModel):
    """Descriptions say what to write."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    client_identifier: Annotated[str, Field(pattern=r"^[\x21-\x7e]{8,128}$")] = Field(
        title="By what plex.tv recognises this installation",
        description="a name of your own that never changes, such as what uuidgen prints: tokens and limits belong to it",
    )
    product: Annotated[str, Field(pattern=r"^[\x20-\x7e]{1,64}$")] = Field(
        "Leeward", title="What people read on plex.tv when they sign in", description="a name of printable characters"
    )
    url: WebUrl = Field(
        PUBLIC_URL, title="Where plex.tv is", description="the address of another service that is like plex.tv"
    )
    clients_url: WebUrl = Field(
        PUBLIC_CLIENTS_URL, title="Where it lists servers", description="the address of the service for clients"
    )
    app_url: WebUrl = Field(
        PUBLIC_APP_URL, title="Where people are sent to sign in", description="the address of a page for signing in"
    )
    timeout: Timeout = Field(
        timedelta(seconds=10), title="How long one call may take in all", description="a duration up to 1h"
    )
    connect_timeout: Timeout = Field(
        timedelta(seconds=5),
        title="How long the name, the connection and TLS may take, each",
        description="a duration up to 1h",
    )
    poll_every: Duration = Field(
        timedelta(seconds=3),
        ge=timedelta(milliseconds=50),
        le=timedelta(minutes=1),
        title="How often a PIN is looked at, somewhat later by chance",
        description="a duration up to 1m; plex.tv allows 1s",
    )
    valid_for: Duration = Field(
        timedelta(minutes=5),
        ge=timedelta(0),
        le=timedelta(hours=1),
        title="How long a token that was found valid is not checked again",
        description="a duration up to 1h; 0s checks each time",
    )
    ca_file: CaFile | None = Field(
        None,
        title="Which authorities are trusted besides those of the system",
        description="the path of a file of certificates to trust besides",
    )
    proxy: ProxyUrl | None = Field(
        None, title="Through which proxy it is reached", description="the address of an HTTP proxy"
    )
