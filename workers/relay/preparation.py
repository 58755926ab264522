"""Rule: how a row of an outbox is enqueued some time after it was written, and which rows never can be."""

from leeward.errors import Invalid, MessageTooLarge
from leeward.jobs.queue_name import provider_of
from leeward.wire.entry import Entry
from leeward.wire.limits import MESSAGE_LIMIT_BYTES
from leeward.wire.stamps import by_server_clock, tolerated_ms
from storage.outbox_rows.shard import RefusedRow, Shard, WaitingRow


def entry_of(row: WaitingRow, now_ms: int) -> Entry:
    """Delay and deadline count from when the row was written: `age_ms` before the server's now, whatever the producer's clock said."""
    written_ms, message = now_ms - row.age_ms, row.message
    if abs(written_ms - row.stamped_ms) > tolerated_ms(row.span_ms):
        message = by_server_clock(message, row.stamped_ms, row.span_ms, written_ms)
    left_ms = row.due_ms - now_ms if row.due_ms else row.delay_ms - row.age_ms
    return Entry(row.job_id, row.place, max(0, left_ms), message, row.idempotency_key, row.fingerprint)


def queue_of(row: WaitingRow) -> str:
    return row.place.partition(":")[0]


def misfit(shard: Shard, row: WaitingRow) -> RefusedRow | None:
    """Why a row cannot be enqueued wherever it goes; `leeward.outbox` writes none like that, but another program may."""
    size = len(row.message)
    if size > MESSAGE_LIMIT_BYTES:
        return RefusedRow(row.job_id, MessageTooLarge.code, str(MessageTooLarge(row.job_id, size, MESSAGE_LIMIT_BYTES)))
    try:
        provider = provider_of(queue_of(row))
    except Invalid as error:
        return RefusedRow(row.job_id, error.code, str(error))
    if provider != shard.provider:
        reason = f"the row names the provider {shard.provider!r}, and its queue is one of {provider!r}"
        return RefusedRow(row.job_id, Invalid.code, reason)
    return None
