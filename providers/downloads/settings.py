"""The settings of downloads, in `[providers.NAME]` or as `LEEWARD_DOWNLOAD_ROOT` and so on."""

from datetime import timedelta
from pathlib import Path
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from leeward.extension import Duration
from leeward.jobs.download.file import ContentType
from providers.downloads.config import DownloadConfig
from providers.http_client.proxy import proxy_address
from providers.setting_values import AbsolutePath, CaFile, ProxyUrl, Timeout

DEFAULTS = DownloadConfig(root=Path("/"))


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
    connect_timeout: Timeout = Field(
        DEFAULTS.connect_timeout,
        title="How long the name, each address of it, and TLS may take, each",
        description="a duration up to 1h",
    )
    answer_timeout: Timeout = Field(
        DEFAULTS.read_timeout,
        title="How long a host may be silent before and within an answer",
        description="a duration up to 1h",
    )
    begin_timeout: Timeout = Field(
        DEFAULTS.begin_timeout,
        title="How long it may take until a file begins to come, with all redirects",
        description="a duration up to 1h",
    )
    slowest_bytes_per_second: int = Field(
        DEFAULTS.minimum_bytes_per_second,
        ge=0,
        title="A host that is slower over a minute is given up until the next attempt",
        description="bytes a second, or 0 for any speed",
    )
    redirects: int = Field(
        DEFAULTS.maximum_redirects,
        ge=0,
        le=100,
        title="How many redirects in a row are followed",
        description="0 to 100",
    )
    keep_free_bytes: int = Field(
        DEFAULTS.free_disk_reserve_bytes,
        ge=0,
        title="How much space downloads leave free on the disk",
        description="bytes",
    )
    content_types: tuple[ContentType, ...] = Field(
        (),
        title="What hosts may say that files are, where the job does not say",
        description="media types, such as video/* or application/zip, separated by commas; none for any",
    )
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
            connect_timeout=self.connect_timeout,
            read_timeout=self.answer_timeout,
            begin_timeout=self.begin_timeout,
            minimum_bytes_per_second=self.slowest_bytes_per_second,
            maximum_redirects=self.redirects,
            free_disk_reserve_bytes=self.keep_free_bytes,
            content_types=self.content_types,
            allow_private_addresses=self.allow_private,
            ca_file=self.ca_file,
            proxy=None if self.proxy is None else proxy_address(self.proxy.get_secret_value()),
        )
