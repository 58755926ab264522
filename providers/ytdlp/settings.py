"""The settings of yt-dlp, in `[providers.NAME]` or as `LEEWARD_YTDLP_ROOT` and so on."""

from datetime import timedelta

from pydantic import BaseModel, ConfigDict, Field

from leeward.duration import Duration
from providers.http_client.proxy import ProxyAddress, proxy_address
from providers.setting_values import AbsolutePath, CaFile, ProxyUrl

MIB = 1024**2


class YtDlpSettings(BaseModel):
    """Descriptions say what to write."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    root: AbsolutePath = Field(title="Where media are put", description="the folder that media stay inside")
    allow_private: bool = Field(
        default=False, title="Whether media may come from private and local addresses", description="true or false"
    )
    timeout: Duration = Field(
        timedelta(hours=6),
        ge=timedelta(seconds=1),
        le=timedelta(days=7),
        title="How long one attempt may take in all; the next one continues",
        description="a duration from 1s to 7d",
    )
    socket_timeout: Duration = Field(
        timedelta(seconds=20),
        ge=timedelta(seconds=1),
        le=timedelta(minutes=10),
        title="How long a host may be silent",
        description="a duration from 1s to 10m",
    )
    stall_timeout: Duration = Field(
        timedelta(minutes=5),
        ge=timedelta(seconds=10),
        le=timedelta(hours=6),
        title="How long yt-dlp may neither report anything nor write a byte before it is ended",
        description="a duration from 10s to 6h",
    )
    free_disk_reserve_bytes: int = Field(
        256 * MIB, ge=0, title="How much of the disk stays free", description="a number of bytes"
    )
    keep_parts: Duration = Field(
        timedelta(days=7),
        ge=timedelta(hours=1),
        le=timedelta(days=3650),
        title="How long the part of an unfinished download is kept",
        description="a duration from 1h to 3650d",
    )
    ffmpeg: AbsolutePath | None = Field(
        None,
        title="The program that joins and converts streams; without it, the one in PATH",
        description="the path of ffmpeg, or of the folder that it is in",
    )
    cookies_file: AbsolutePath | None = Field(
        None,
        title="The session that yt-dlp takes along, for pages that want a sign-in; it is never changed",
        description="the path of a file of cookies in Netscape's format",
    )
    ca_file: CaFile | None = Field(
        None,
        title="Which authorities are trusted besides those of the system",
        description="the path of a file of certificates to trust besides",
    )
    proxy: ProxyUrl | None = Field(
        None, title="Through which proxy media are fetched", description="the address of an HTTP proxy"
    )

    def proxy_address(self) -> ProxyAddress | None:
        return None if self.proxy is None else proxy_address(self.proxy.get_secret_value())
