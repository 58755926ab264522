"""Batches, as steps of an operation: made known, enqueued, and sealed."""

from collections.abc import Iterable, Sequence
from typing import Protocol

from pydantic_core import to_json

from leeward.errors import BatchNotFound, IdempotencyConflict
from leeward.flows.batch import Batch, BatchId, BatchState, BatchStatus
from leeward.flows.plan import Plan, plan_batch
from leeward.jobs.job import Job
from leeward.request import Answer, Request
from leeward.status import instant
from leeward.wire.entry import Entry
from leeward.wire.keys import ProviderKeys
from leeward.wire.script import Script
from leeward.wire.steps import Steps, persistently

MEMBERS = 1_000
"""Members a call: what is sent of each is short."""

_add = Script("leeward.wire.scripts", "batch_add.lua")
_seal = Script("leeward.wire.scripts", "batch_seal.lua")
_status = Script("leeward.wire.scripts", "batch_status.lua")


class EnqueueEntries(Protocol):
    """How jobs are enqueued. With `repeated`, an earlier call may have done so."""

    def __call__(self, wanted: Sequence[Request], entries: list[Entry], *, repeated: bool) -> Steps[list[Answer]]: ...


def enqueue_batch(
    enqueue_entries: EnqueueEntries,
    requests: Iterable[Request | Job],
    follow_ups: dict[str, Request | Job | None],
    *,
    key: str | None,
) -> Steps[Batch]:
    """See `Leeward.enqueue_batch`."""
    plan = plan_batch(requests, follow_ups, key=key)
    is_new, ended = yield from _make_known(plan)
    left = [at for at in range(len(plan.wanted)) if at not in ended]
    answers = yield from enqueue_entries(
        [plan.wanted[at] for at in left], [plan.entries[at] for at in left], repeated=not is_new
    )
    batch, outside = plan.closed(ended, answers)
    root = ProviderKeys(plan.home.provider).root
    yield from persistently(lambda _: _seal.steps(root, [plan.home.name, *outside]))
    return batch


def batch_status(text: str) -> Steps[BatchStatus]:
    """See `Leeward.batch`."""
    batch = BatchId.parsed(text)
    reply = yield from persistently(lambda _: _status.steps(ProviderKeys(batch.provider).root, [batch.name]))
    if reply[0] is None:
        raise BatchNotFound(text)
    total, pending, done, dead, cancelled = map(int, reply[:5])
    sealed, *instants = reply[5:]
    state = BatchState.OPEN if sealed is None else BatchState.RUNNING if pending else BatchState.ENDED
    began, ended = (instant(float(at)) if at else None for at in instants)
    return BatchStatus(text, state, total, pending, done, dead, cancelled, began, ended)


def _make_known(plan: Plan) -> Steps[tuple[bool, dict[int, str]]]:
    """Whether the batch is new, and the states of those of its members that have ended, by their positions."""
    root, is_new, ended = ProviderKeys(plan.home.provider).root, False, dict[int, str]()
    follow_ups = ["" if one is None else to_json(one).decode() for one in plan.follow_ups.values()]
    made = [plan.home.name, plan.fingerprint, *follow_ups]
    for start in range(0, max(1, len(plan.members)), MEMBERS):
        names = [member.name for member in plan.members[start : start + MEMBERS]]
        reply = yield from persistently(lambda _, names=names: _add.steps(root, [*made, *names]))  # type: ignore[misc]
        if reply[0] == b"conflict":
            raise IdempotencyConflict(plan.key, str(plan.home))
        is_new = is_new or reply[0] == b"new"
        states = zip(reply[1::2], reply[2::2], strict=True)
        ended |= {start + position - 1: state.decode() for position, state in states}
    return is_new, ended
