"""The settings of a Jellyfin server, in `[providers.NAME]` or as `LEEWARD_JELLYFIN_URL` and so on."""

from typing import Self

from pydantic import BaseModel, ConfigDict, Field, SecretStr, model_validator

from providers.http_client.proxy import proxy_address
from providers.jellyfin.config import (
    DEFAULT_ANSWER_TIMEOUT,
    DEFAULT_CONNECT_TIMEOUT,
    DEFAULT_HEALTH_TIMEOUT,
    DEFAULT_LIST_LIMIT_BYTES,
    DEFAULT_TOTAL_TIMEOUT,
    JellyfinConfig,
)
from providers.setting_values import CaFile, ProxyUrl, Timeout, WebUrl


class JellyfinSettings(BaseModel):
    """Descriptions say what to write."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    url: WebUrl = Field(title="Where the server is", description="the address of the Jellyfin server", repr=False)
    token: SecretStr = Field(title="What it knows the fleet by", description="an API key of the Jellyfin server")
    ca_file: CaFile | None = Field(
        None,
        title="Which authorities are trusted besides those of the system",
        description="the path of a file of certificates to trust besides",
    )
    list_limit_bytes: int = Field(
        DEFAULT_LIST_LIMIT_BYTES,
        ge=1,
        le=2**33,
        title="The longest list of accounts that is read",
        description="bytes, about 3000 for each account",
    )
    timeout: Timeout = Field(
        DEFAULT_TOTAL_TIMEOUT, title="How long one call may take in all", description="a duration up to 1h"
    )
    connect_timeout: Timeout = Field(
        DEFAULT_CONNECT_TIMEOUT,
        title="How long the name, the connection and TLS may take, each",
        description="a duration up to 1h",
    )
    answer_timeout: Timeout = Field(
        DEFAULT_ANSWER_TIMEOUT,
        title="How long the server may be silent before and within an answer",
        description="a duration up to 1h",
    )
    health_timeout: Timeout = Field(
        DEFAULT_HEALTH_TIMEOUT, title="How long a health check may take in all", description="a duration up to 1h"
    )
    proxy: ProxyUrl | None = Field(
        None, title="Through which proxy it is reached", description="the address of an HTTP proxy"
    )

    @model_validator(mode="after")
    def _can_work(self) -> Self:
        self.config("")
        return self

    def config(self, name: str) -> JellyfinConfig:
        return JellyfinConfig(
            url=self.url,
            token=self.token,
            name=name,
            ca_file=self.ca_file,
            connect_timeout=self.connect_timeout,
            answer_timeout=self.answer_timeout,
            total_timeout=self.timeout,
            health_timeout=self.health_timeout,
            list_limit_bytes=self.list_limit_bytes,
            proxy=None if self.proxy is None else proxy_address(self.proxy.get_secret_value()),
        )
