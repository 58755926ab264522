"""The `media` family's actor."""

from dataclasses import asdict
from typing import Any

from actors.download_events import begin, complete
from leeward.extension import Extension, actor, emit_event
from leeward.jobs.download.media import DownloadMedia
from providers.ytdlp.provider import YtDlp


@actor(DownloadMedia, provider=YtDlp, retry_preset="standard", unknown_outcome="rerun")
def download_media(job: DownloadMedia, ytdlp: YtDlp) -> dict[str, Any]:
    """Downloads a film. Running it again is harmless: it continues where it ended, and what is in its place is not requested again.

    Its result: `path` relative to the media folder, `size_bytes`, `kept`, and what is known of the film: `media_id`, `title`, `extractor`,
    `duration_seconds`.
    """
    begin(job)
    media = ytdlp.fetch(job)
    emit_event("media.downloaded", provider=ytdlp.name, path=media.path, size_bytes=media.size_bytes, title=media.title)
    complete(job, media.path, media.size_bytes)
    return asdict(media)


extension = Extension(
    "ytdlp",
    api=1,
    providers=[YtDlp],
    actors=[download_media],
    events={"media.downloaded": "A film is in the media folder. Data: provider, path, size_bytes, title."},
)
