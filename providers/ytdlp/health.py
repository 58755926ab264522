"""Whether media could be downloaded now. Pages are not asked: a fleet downloads from many."""

import shutil
from datetime import datetime

from leeward.extension import Health
from providers.downloads.disk.refusal import folder_problem
from providers.ytdlp.settings import YtDlpSettings
from providers.ytdlp.version import OLD_AFTER, age, installed_version
from providers.ytdlp.workspace import HOME


def check_health(settings: YtDlpSettings, now: datetime) -> Health:
    """Healthy means that yt-dlp is installed, and that the media folder may be written to and has more free space than the reserve. What
    may go wrong later is in the detail: an old yt-dlp, a missing ffmpeg.
    """
    number = installed_version()
    if number is None:
        return Health.unhealthy("yt-dlp is not installed: pip install 'leeward-fleet[media]'")
    problem = media_folder_problem(settings)
    if problem is not None:
        return Health.unhealthy(problem)
    return Health.healthy("; ".join([f"yt-dlp {number}", *_remarks(settings, number, now)]))


def media_folder_problem(settings: YtDlpSettings) -> str | None:
    """Why no film could be written now; None: it could."""
    root, reserve_bytes = settings.root, settings.free_disk_reserve_bytes
    problem = folder_problem(root, reserve_bytes, "the media folder")
    if problem is None and (root / HOME).is_dir():
        # Every film goes through it, so that it is no matter of one destination.
        problem = folder_problem(root / HOME, reserve_bytes, f"the folder {HOME} in the media folder")
    return problem


def _remarks(settings: YtDlpSettings, number: str, now: datetime) -> list[str]:
    remarks = []
    old = age(number, now)
    if old is not None and old > OLD_AFTER:
        remarks.append(f"{old.days} days old: update it")
    if settings.ffmpeg is None and shutil.which("ffmpeg") is None:
        remarks.append("no ffmpeg: only formats that need no joining")
    return remarks
