"""Which version of a file an answer brings: its validators (RFC 9110 §8.8). A rule over fields."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from providers.downloads.network.digest import named_sha256

_STRONG_ETAG = re.compile(r'"[\x21\x23-\x7e]*"')
_WEAK_ETAG = re.compile(r'W/"[\x21\x23-\x7e]*"')
_DATE_LENGTH = 40
STRONG_AFTER = timedelta(seconds=60)
"""A file that was changed more recently may have been changed twice within the second of its date. A minute also covers a
date and a file system whose clocks differ a little (§8.8.2.2).
"""


@dataclass(frozen=True, slots=True)
class Version:
    """What is known of one version of a file.

    Attributes:
        etag: a strong entity tag.
        weak_etag: a weak one, which distinguishes two versions, but never shows that their bytes are equal.
        last_modified: the date as it came.
        is_date_strong: whether equal dates mean equal bytes.
        digest: the SHA-256 that the host names, as hexadecimal digits.
    """

    etag: str | None = None
    weak_etag: str | None = None
    last_modified: str | None = None
    is_date_strong: bool = False
    digest: str | None = None

    @property
    def condition(self) -> str | None:
        """What `If-Range` may say (§13.1.5): a strong tag; a strong date only where there is no tag at all."""
        if self.etag is not None:
            return self.etag
        return self.last_modified if self.weak_etag is None and self.is_date_strong else None

    def contradicts(self, other: "Version") -> bool:
        """Whether the two cannot be of one version. A field that one of them lacks says nothing."""
        pairs = (
            (self.etag, other.etag),
            (self.weak_etag, other.weak_etag),
            (self.last_modified, other.last_modified),
            (self.digest, other.digest),
        )
        return any(None not in (mine, theirs) and mine != theirs for mine, theirs in pairs)


def version_of(headers: Mapping[str, str]) -> Version:
    """The version that an answer's fields name, which are found in any case."""
    tag = headers.get("etag", "")
    date = headers.get("last-modified")
    modified = _instant(date)
    return Version(
        etag=tag if _STRONG_ETAG.fullmatch(tag) else None,
        weak_etag=tag if _WEAK_ETAG.fullmatch(tag) else None,
        last_modified=date if modified is not None else None,
        is_date_strong=_is_strong(modified, _instant(headers.get("date"))),
        digest=named_sha256(headers),
    )


def _is_strong(modified: datetime | None, answered: datetime | None) -> bool:
    return modified is not None and answered is not None and answered - modified >= STRONG_AFTER


def _instant(value: str | None) -> datetime | None:
    if value is None or len(value) > _DATE_LENGTH or not value.isascii():
        return None
    try:
        found = parsedate_to_datetime(value)
        return (found if found.tzinfo is not None else found.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError, TypeError, IndexError):
        return None
