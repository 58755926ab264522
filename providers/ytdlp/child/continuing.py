"""Teaches yt-dlp's HTTP downloader to continue only the version that a part is of."""

import threading
from typing import Any

from providers.ytdlp.child.versions import Versions, first_byte


def watch_versions(versions: Versions, downloader: Any, manager: Any) -> None:
    """Puts itself in front of `HttpFD.real_download`, which says what is written, and of `YoutubeDL.urlopen`, which asks for it.

    Args:
        versions: what is known of the parts.
        downloader: the class `yt_dlp.downloader.http.HttpFD`.
        manager: the class `yt_dlp.YoutubeDL`.
    """
    writing = threading.local()
    download, ask = downloader.real_download, manager.urlopen

    def real_download(self: Any, filename: str, info: Any) -> Any:
        writing.part = filename
        try:
            return download(self, filename, info)
        finally:
            writing.part = None

    def urlopen(self: Any, request: Any) -> Any:
        part = getattr(writing, "part", None)
        headers = getattr(request, "headers", None)
        if part is None or headers is None:
            return ask(self, request)
        first = first_byte(headers.get("Range"))
        if first:
            _bind_to_version(headers, versions, part)
        answer = ask(self, request)
        if not first or answer.status != 206:  # noqa: PLR2004 # Partial Content: the rest of what is known
            versions.note(part, answer.headers)
        return answer

    downloader.real_download, manager.urlopen = real_download, urlopen


def _bind_to_version(headers: Any, versions: Versions, part: str) -> None:
    condition = versions.condition(part)
    if condition is not None:
        headers["If-Range"] = condition
    elif not versions.may_continue(part, headers["Range"]):
        del headers["Range"]
