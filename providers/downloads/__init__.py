"""Files fetched over HTTP into the fleet's download folder: resumable, checked, complete or absent (RFC 9110)."""

from providers.downloads.config import DownloadConfig
from providers.downloads.downloader import Downloaded, Downloader

__all__ = ["DownloadConfig", "Downloaded", "Downloader"]
