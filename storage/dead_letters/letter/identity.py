"""When a job died, and the ids of dead letters from an instant on (`leeward.wire.dead_letter_id`)."""

import re
from datetime import datetime, timedelta
from uuid import UUID

from leeward.wire.dead_letter_id import EPOCH

_END_OF_TIME_MS = 253_402_300_799_999
"""The last millisecond of the year 9999, the last that Python and this id can express."""
_ENTRY_ID = re.compile(r"(\d{1,18})-\d+")


def first_id_at(instant: datetime) -> UUID:
    """The smallest id of whatever dies at this instant or later; what died before has a smaller one."""
    milliseconds = -((EPOCH - instant) // timedelta(milliseconds=1))
    return UUID(int=max(0, min(milliseconds, _END_OF_TIME_MS)) << 80)


def died_at(claimed: bytes | None, entry_id: str) -> datetime:
    """When the job died: as the entry says, or when it was written if it says nothing that can be true."""
    for text in ((claimed or b"").decode("ascii", "replace"), (_ENTRY_ID.fullmatch(entry_id) or ["", ""])[1]):
        if text.isdecimal() and 0 < int(text[:18]) <= _END_OF_TIME_MS:
            return EPOCH + timedelta(milliseconds=int(text[:18]))
    return EPOCH
