"""The id of a dead letter: derived from its outbox entry, so that the same entry is always the same row, however often it is written."""

import hashlib
import re
from datetime import UTC, datetime, timedelta
from uuid import UUID

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_END_OF_TIME_MS = 253_402_300_799_999
"""The last millisecond of the year 9999, the last that Python and this id can express."""
_ENTRY_ID = re.compile(r"(\d{1,18})-\d+")


def dead_letter_id(outbox_id: str, died_at: datetime) -> UUID:
    """A UUID in the layout of version 7 (RFC 9562 §5.7): the time in milliseconds, then 74 bits of a digest of the outbox id.

    Ids are ordered by time of death, so an index on the id is one on time, and a table can be partitioned by it.
    """
    milliseconds = (died_at - _EPOCH) // timedelta(milliseconds=1)
    digest = int.from_bytes(hashlib.sha256(outbox_id.encode("utf-8", "surrogateescape")).digest()[:10])
    high, low = digest >> 68, digest & ((1 << 62) - 1)
    return UUID(int=milliseconds << 80 | 0x7 << 76 | high << 64 | 0b10 << 62 | low)


def first_id_at(instant: datetime) -> UUID:
    """The smallest id of whatever dies at this instant or later; what died before has a smaller one."""
    milliseconds = -((_EPOCH - instant) // timedelta(milliseconds=1))
    return UUID(int=max(0, min(milliseconds, _END_OF_TIME_MS)) << 80)


def died_at(claimed: bytes | None, entry_id: str) -> datetime:
    """When the job died: as the entry says, or when it was written if it says nothing that can be true."""
    for text in ((claimed or b"").decode("ascii", "replace"), (_ENTRY_ID.fullmatch(entry_id) or ["", ""])[1]):
        if text.isdecimal() and 0 < int(text[:18]) <= _END_OF_TIME_MS:
            return _EPOCH + timedelta(milliseconds=int(text[:18]))
    return _EPOCH
