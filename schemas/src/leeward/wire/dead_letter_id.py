"""The id of a dead letter: derived from its outbox entry, so that the same entry is always the same letter, however often it is written."""

import hashlib
from datetime import UTC, datetime, timedelta
from uuid import UUID

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def dead_letter_id(outbox_id: str, died_at: datetime) -> UUID:
    """A UUID in the layout of version 7 (RFC 9562 §5.7): the time in milliseconds, then 74 bits of a digest of the outbox id.

    Ids are ordered by time of death, so an index on the id is one on time, and a table can be partitioned by it.

    Args:
        outbox_id: `<provider>/<entry>`, the entry's id in the provider's outbox stream.
        died_at: as the entry says.
    """
    milliseconds = (died_at - EPOCH) // timedelta(milliseconds=1)
    digest = int.from_bytes(hashlib.sha256(outbox_id.encode("utf-8", "surrogateescape")).digest()[:10])
    high, low = digest >> 68, digest & ((1 << 62) - 1)
    return UUID(int=milliseconds << 80 | 0x7 << 76 | high << 64 | 0b10 << 62 | low)
