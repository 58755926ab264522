"""The attachments that a job names: opened, checked and in the order of the job."""

import hashlib
import io
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from leeward.extension import Calls
from leeward.extension.errors import Permanent
from leeward.jobs.email.attachment import Attachment
from providers.smtp.attachments.attached_file import AttachedFile
from providers.smtp.attachments.folder import open_in

if TYPE_CHECKING:
    from providers.smtp.attachments.fetcher import Fetcher

_BLOCK = 1024 * 1024


class Attachments:
    """Where attachments of one instance come from. Safe to use from any number of threads.

    Args:
        folder: of the files that jobs may name; None where they may name none.
        has_urls: whether jobs may name URLs.
        fetcher: makes what fetches them, when the first is fetched.
        limit_bytes: the largest one, and the most that one mail has of them.
    """

    def __init__(
        self, folder: Path | None, *, has_urls: bool, fetcher: "Callable[[], Fetcher]", limit_bytes: int
    ) -> None:
        self._folder = folder
        self._has_urls = has_urls
        self._make_fetcher = fetcher
        self._limit_bytes = limit_bytes

    @contextmanager
    def opened(self, attachments: Sequence[Attachment]) -> Iterator[list[AttachedFile]]:
        """Those that are named, open until the block ends; what a job holds itself is not among them.

        Raises:
            Permanent, TargetUnavailable, Misconfigured: one cannot be had; the message names it.
        """
        with ExitStack() as stack:
            found: list[AttachedFile] = []
            left = self._limit_bytes
            for one in (one for one in attachments if one.content is None):
                attached = self._opened(one, left)
                stack.callback(attached.close)
                _check(one, attached)
                left -= attached.size_bytes
                found.append(attached)
            yield found

    def close(self) -> None:
        if "_fetcher" in self.__dict__:
            self._fetcher.close()

    @cached_property
    def _fetcher(self) -> "Fetcher":
        return self._make_fetcher()

    def _opened(self, one: Attachment, left: int) -> AttachedFile:
        if one.file is not None:
            if self._folder is None:
                raise _refused(f"{one.file!r} is a file, and there is no folder of attachments: set attachments")
            return open_in(self._folder, one.file, limit_bytes=left)
        if not self._has_urls:
            raise _refused(f"{one.name!r} is to be fetched, and no URL is allowed: set attachment_urls")
        content = self._fetcher.fetch(one.url or "")
        if len(content) > left:
            raise _refused(f"{one.name!r} has {len(content)} bytes, more than the {left} that are left for this mail")
        return AttachedFile(one.name, io.BytesIO(content), len(content))


def _check(one: Attachment, attached: AttachedFile) -> None:
    if one.sha256 is None:
        return
    digest = hashlib.sha256()
    for block in attached.blocks(_BLOCK):
        digest.update(block)
    if digest.hexdigest() != one.sha256:
        raise _refused(f"{one.name!r} is not what the job means: its SHA-256 is {digest.hexdigest()}")


def _refused(why: str) -> Permanent:
    return Permanent(f"the attachment {why}", operation="attach")


def attachments(
    folder: Path | None, urls: tuple[str, ...], *, allow_private: bool, limit_bytes: int, call: Calls
) -> Attachments:
    """From the settings of an instance."""

    def fetcher() -> "Fetcher":
        from providers.smtp.attachments.fetcher import Fetcher  # the HTTP client: not for mail without URLs

        return Fetcher(urls, allow_private=allow_private, limit_bytes=limit_bytes, call=call)

    return Attachments(folder, has_urls=bool(urls), fetcher=fetcher, limit_bytes=limit_bytes)
