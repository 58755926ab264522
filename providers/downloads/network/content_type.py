"""What a host says a file is (RFC 9110 §8.3). A rule over the field and the file's name."""

import re
from collections.abc import Sequence

_UNNAMED = "application/octet-stream"
_PAGES = frozenset({"text/html", "application/xhtml+xml"})
_NEVER_A_PAGE = re.compile(
    r".+\.(?:3gp|7z|aac|ac3|apk|avi|avif|bin|bz2|cb[rz]|deb|dmg|dts|epub|exe|flac|gif|gz|ico|img|iso|jpe?g|m2ts|m4[av]|mk[av]|mov|mp[34]"
    r"|mpe?g|msi|mts|og[agv]|opus|pdf|png|qcow2|rar|rpm|srt|sup|tar|tgz|ts|tiff?|ttf|vhd|vmdk|wav|webm|webp|wm[av]|woff2?|xz|zip|zst)",
    re.IGNORECASE,
)
"""Endings of files whose place a page takes only when a host asks for a sign-in, says that it is busy, or that nothing is there."""


def media_type(content_type: str | None) -> str:
    """In lower case, without parameters. What is unnamed may be anything, and counts as `application/octet-stream`."""
    return (content_type or "").partition(";")[0].strip().lower() or _UNNAMED


def is_accepted(content_type: str | None, accepted: Sequence[str]) -> bool:
    """Whether a type is one of those, such as `video/mp4` or `video/*`; `*/*` is every type."""
    found = media_type(content_type)
    of_its_kind = found.rpartition("/")[0] + "/*"
    return any(pattern.lower() in {found, of_its_kind, "*/*"} for pattern in accepted)


def is_page_instead(content_type: str | None, destination: str) -> bool:
    """Whether a page comes where the file's name says that it is none."""
    return media_type(content_type) in _PAGES and _NEVER_A_PAGE.fullmatch(destination) is not None
