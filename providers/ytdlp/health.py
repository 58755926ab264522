"""Whether media could be downloaded now. Pages are not asked: a fleet downloads from many."""

import os
import shutil
from datetime import datetime

from leeward.extension import Health
from providers.downloads.disk.folder import Folder
from providers.ytdlp.settings import YtDlpSettings
from providers.ytdlp.version import OLD_AFTER, age, installed_version


def check_health(settings: YtDlpSettings, now: datetime) -> Health:
    """Healthy means that yt-dlp is installed, and that the media folder may be written to and has more free space than the reserve. What
    may go wrong later is in the detail: an old yt-dlp, a missing ffmpeg.
    """
    number = installed_version()
    if number is None:
        return Health.unhealthy("yt-dlp is not installed: pip install 'leeward-fleet[media]'")
    return _folder_problem(settings) or Health.healthy(
        "; ".join([f"yt-dlp {number}", *_remarks(settings, number, now)])
    )


def _folder_problem(settings: YtDlpSettings) -> Health | None:
    try:
        with Folder.open(settings.root, ()) as folder:
            free = folder.free_bytes()
    except OSError as error:
        return Health.unhealthy(f"the media folder cannot be opened: {error.strerror}")
    if not os.access(settings.root, os.W_OK | os.X_OK):
        return Health.unhealthy("the media folder may not be written to")
    reserve = settings.free_disk_reserve_bytes
    return Health.unhealthy(f"{free} bytes are free, and {reserve} are to stay free") if free < reserve else None


def _remarks(settings: YtDlpSettings, number: str, now: datetime) -> list[str]:
    remarks = []
    old = age(number, now)
    if old is not None and old > OLD_AFTER:
        remarks.append(f"{old.days} days old: update it")
    if settings.ffmpeg is None and shutil.which("ffmpeg") is None:
        remarks.append("no ffmpeg: only formats that need no joining")
    return remarks
