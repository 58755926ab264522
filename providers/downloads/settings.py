"""The settings of downloads, in `[providers.NAME]` or as `LEEWARD_DOWNLOAD_ROOT` and so on."""

from datetime import timedelta
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from leeward.extension import Duration
from providers.downloads.config import DownloadConfig
from providers.http_client.proxy import proxy_address
from providers.setting_values import AbsolutePath, CaFile, ProxyUrl


class DownloadSettings(BaseModel):
    """Descriptions say what to write."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    root: AbsolutePath = Field(title="Where downloads are written", description="the folder that downloads stay inside")
    allow_private: bool = Field(
        default=False, title="Whether files may come from private and local addresses", description="true or false"
    )
    keep_parts: timedelta = Field(
        timedelta(days=7),
        ge=timedelta(hours=1),
        le=timedelta(days=3650),
        title="How long the part of an unfinished download is kept",
        description="a duration from 1h to 3650d",
    )
    timeout: Duration = Field(
        timedelta(hours=6),
        gt=timedelta(0),
        le=timedelta(days=7),
        title="How long one attempt may take in all; the next one continues it",
        description="a duration up to 7d",
    )
    """Long enough for the largest default file over a slow line."""
    ca_file: CaFile | None = Field(
        None,
        title="Which authorities are trusted besides those of the system",
        description="the path of a file of certificates to trust besides",
    )
    proxy: ProxyUrl | None = Field(
        None, title="Through which proxy files are fetched", description="the address of an HTTP proxy"
    )

    @model_validator(mode="after")
    def _can_work(self) -> Self:
        self.config()
        return self

    def config(self) -> DownloadConfig:
        return DownloadConfig(
            root=self.root,
            allow_private_addresses=self.allow_private,
            ca_file=self.ca_file,
            proxy=None if self.proxy is None else proxy_address(self.proxy.get_secret_value()),
        )
