"""How yt-dlp is asked for one job: options that its documentation names, and nothing of a user's own configuration."""

from datetime import timedelta
from pathlib import Path

from leeward.jobs.download.media import DownloadMedia
from providers.ytdlp.output import FILE, ITEM, PROGRESS
from providers.ytdlp.settings import YtDlpSettings

NAME = "media"
"""What the file is called in its work folder, before its extension: one job is one file."""
_ITEM_FIELDS = "id,title,extractor,ext,duration,live_status,n_entries"
_ALWAYS = (
    "--ignore-config",
    "--no-plugin-dirs",
    "--no-remote-components",
    "--no-update",
    "--no-cache-dir",
    "--no-warnings",
    "--compat-options=no-certifi",
    "--color=never",
    "--no-playlist",
    "--abort-on-error",
    "--quiet",
    "--progress",
    "--newline",
    "--progress-delta=1",
    f"--progress-template=download:{PROGRESS}%(progress)j",
    "--no-simulate",
    f"--print=video:{ITEM}%(.{{{_ITEM_FIELDS}}})j",
    f"--print=after_move:{FILE}%(filepath)j",
    f"--output={NAME}.%(ext)s",
    "--continue",
    "--part",
    "--no-mtime",
    "--retries=3",
    "--fragment-retries=5",
    "--retry-sleep=http:exp=1:20",
    "--retry-sleep=fragment:exp=1:20",
    "--abort-on-unavailable-fragments",
    "--downloader=m3u8:native",
)


def arguments(job: DownloadMedia, settings: YtDlpSettings, folder: Path) -> tuple[str, ...]:
    """Every value of a job stands behind a `=` or after `--`: none can be read as an option.

    Args:
        job: what is wanted.
        settings: the instance's.
        folder: where yt-dlp works.
    """
    return (
        *_ALWAYS,
        f"--paths=home:{folder}",
        f"--socket-timeout={_seconds(settings.socket_timeout)}",
        *_chosen(job),
        *_environment(settings, folder),
        "--",
        job.url,
    )


def _chosen(job: DownloadMedia) -> list[str]:
    chosen = [] if job.format is None else [f"--format={job.format}"]
    if job.container is not None:
        chosen += [f"--merge-output-format={job.container.value}", f"--remux-video={job.container.value}"]
    return chosen


def _environment(settings: YtDlpSettings, folder: Path) -> list[str]:
    # An empty proxy is none, whatever the environment says.
    proxy = "" if settings.proxy is None else settings.proxy.get_secret_value()
    found = [f"--proxy={proxy}"]
    if settings.ffmpeg is not None:
        found.append(f"--ffmpeg-location={settings.ffmpeg}")
    if settings.cookies_file is not None:
        found.append(f"--cookies={folder / COOKIES}")
    return found


def _seconds(span: timedelta) -> str:
    return f"{span.total_seconds():g}"


COOKIES = "cookies.txt"
"""A copy of the operator's file in the work folder: yt-dlp writes to it when it ends."""
