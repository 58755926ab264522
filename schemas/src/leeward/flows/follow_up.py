"""A job that is sent when another one is done, as it travels with that one."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from leeward.jobs.queue_name import provider_of

if TYPE_CHECKING:
    from leeward.wire.entry import Entry

FLOW = "flow"
"""Message option: an object with `then`, the follow-ups of a job; and `batch` and `member`, where it is one of a batch."""
THEN, BATCH, MEMBER = "then", "batch", "member"


class Member(NamedTuple):
    """A job as one of a batch.

    Attributes:
        batch: the batch's id.
        name: of the member, unique in it and the same over all replays.
        job_id: the same each time that the batch is enqueued again.
    """

    batch: str
    name: str
    job_id: str


def flow_of(follow_ups: Sequence[dict[str, Any]], member: Member | None) -> dict[str, Any]:
    """The option `flow`."""
    found: dict[str, Any] = {} if member is None else {BATCH: member.batch, MEMBER: member.name}
    return found | ({THEN: list(follow_ups)} if follow_ups else {})


def follow_up(fields: dict[str, Any], delay_ms: int, *, due_ms: int, is_span: bool) -> dict[str, Any]:
    """The JSON object of a follow-up.

    Args:
        fields: its message's.
        delay_ms: how long it waits once it is sent.
        due_ms: when it may start, ms since 1970; 0 for no such instant.
        is_span: its deadline counts from when it is sent, and is not an instant.
    """
    return {"message": fields, "delay_ms": delay_ms, "due_ms": due_ms, "is_span": is_span}


def sent_at(found: dict[str, Any], now_ms: int) -> "tuple[str, Entry]":
    """A follow-up as it is sent now, on the server's clock: its provider, and what `enqueue.lua` takes.

    Raises:
        ValueError: it is none. Its text shows no value.
    """
    from leeward.wire.entry import entry_from  # needs Dramatiq, which reading dead letters does without

    try:
        fields: dict[str, Any] = dict(found["message"])
        options = fields["options"] = dict(fields["options"])
        if found["is_span"] and "deadline" in options:
            options["deadline"] += now_ms - fields["message_timestamp"]
        fields["message_timestamp"] = now_ms
        delay_ms = max(int(found["delay_ms"]), int(found["due_ms"]) - now_ms)
        return provider_of(fields["queue_name"]), entry_from(fields, delay_ms)
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"this is no follow-up: {type(error).__name__}") from None
