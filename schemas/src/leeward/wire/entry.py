"""One job on its way into the fleet, and the script that makes it durable."""

import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from enum import StrEnum
from functools import lru_cache
from itertools import chain, count
from operator import itemgetter
from typing import Any, NamedTuple

import redis
from dramatiq import Message

from leeward.errors import Invalid, MessageTooLarge, ProviderDisabled, QueueFull
from leeward.jobs.canonical import fingerprint
from leeward.jobs.idempotency_key import check_key
from leeward.jobs.partition import check_partition
from leeward.jobs.priority import Priority
from leeward.wire.clock_agreement import ClockAgreement, agreement_of
from leeward.wire.encoding import encode
from leeward.wire.keys import place, root_of
from leeward.wire.limits import MESSAGE_LIMIT_BYTES
from leeward.wire.script import Script
from leeward.wire.stamps import NO_SPAN_MS, by_server_clock, tolerated_ms
from leeward.wire.steps import Pause, Steps
from leeward.wire.valkey.performing import perform
from leeward.wire.valkey.reconnect import pause_after

BATCH = 250
"""Jobs per script call: large enough to spread the round trip thin, small enough to keep the server's stalls in the low milliseconds."""

DUE = "due"
"""The message option of a job that was not to start at once."""
_OFF = b"clock"
_SPAN = itemgetter(8)
_DUE = itemgetter(9)
_ARGUMENTS = itemgetter(*range(7))

_enqueue = Script("leeward.wire.scripts", "enqueue.lua")


class Entry(NamedTuple):
    """What `enqueue.lua` takes for a job, in its order; then what it may have to be moved by (`leeward.wire.stamps`)."""

    job_id: str
    place: str
    delay_ms: int
    message: bytes
    idempotency_key: str = ""
    fingerprint: str = ""
    reopen: str = ""
    sent_ms: int = 0
    span_ms: int = NO_SPAN_MS
    due_ms: int = 0
    """The instant that `delay_ms` leads to, where one was given."""


class Verdict(StrEnum):
    DUPLICATE = "duplicate"
    CONFLICT = "conflict"
    FULL = "full"
    DISABLED = "disabled"


class Refusal(NamedTuple):
    """Why a job was not added: another one holds its idempotency key; or, of the verdict `FULL`, there is no room for it; or its provider
    is switched off.

    Attributes:
        job_id, state, result: of the job that holds the key; of `FULL` the partition or '', how many wait, how many may.
    """

    verdict: Verdict
    job_id: str
    state: str
    result: bytes

    def no_room(self, provider: str) -> QueueFull | ProviderDisabled | None:
        """The error for the verdicts `FULL` and `DISABLED`."""
        if self.verdict is Verdict.FULL:
            return QueueFull(provider, self.job_id or None, waiting=int(self.state), limit=int(self.result))
        return ProviderDisabled(provider) if self.verdict is Verdict.DISABLED else None


def entry_of(message: "Message[Any]", delay_ms: int = 0, *, is_span: bool = False) -> Entry:
    """The entry for a Dramatiq message. See `entry_from`."""
    return entry_from(message.asdict(), delay_ms, is_span=is_span)


def entry_from(fields: dict[str, Any], delay_ms: int = 0, *, is_span: bool = False) -> Entry:
    """The entry for the fields of a message. Reads its options `priority`, `partition`, `idempotency_key`, `fingerprint` and `replay_of`.

    Args:
        fields: the message's.
        delay_ms: how long it waits.
        is_span: its deadline is so long from its timestamp on, and not an instant: where this machine's clock is not the server's, the
            server moves both.

    Raises:
        MessageTooLarge: the encoded message is over `MESSAGE_LIMIT_BYTES`.
        Invalid: the priority is none of the lanes, or the partition, the idempotency key or the id is none.
    """
    options, job_id = fields["options"], fields["message_id"]
    if not isinstance(job_id, str) or not job_id:
        raise Invalid("a message needs an id, a text that is not empty: without one its job could not be found again")
    encoded = encode(fields if not delay_ms else _with_due_time(fields, delay_ms))
    if len(encoded) > MESSAGE_LIMIT_BYTES:
        raise MessageTooLarge(job_id, len(encoded), MESSAGE_LIMIT_BYTES)
    where = place_of(fields["queue_name"], options)
    sent_ms = fields["message_timestamp"]
    span_ms = options["deadline"] - sent_ms if is_span and "deadline" in options else NO_SPAN_MS
    key = options.get("idempotency_key")
    if key is None:
        return Entry(job_id, where, delay_ms, encoded, "", "", "", sent_ms, span_ms)
    check_key(key)
    print_ = options.get("fingerprint") or fingerprint(fields["actor_name"], [fields["args"], fields["kwargs"]])
    reopen = "1" if options.get("replay_of") else ""
    return Entry(job_id, where, delay_ms, encoded, key, print_, reopen, sent_ms, span_ms)


def _with_due_time(fields: dict[str, Any], delay_ms: int) -> dict[str, Any]:
    """The same with the option `due`, ms by the producer's clock: how long it then waits for a worker is counted from there."""
    return fields | {"options": fields["options"] | {DUE: fields["message_timestamp"] + delay_ms}}


def place_of(queue: str, options: Mapping[str, Any]) -> str:
    """Where a message waits, by its options `priority` and `partition`.

    Raises:
        Invalid: the priority is none of the lanes, or the partition is none.
    """
    partition = options.get("partition")
    if partition is not None:
        check_partition(partition)
        return place(queue, Priority(options.get("priority", Priority.NORMAL)), partition)
    return _lane(queue, options.get("priority", Priority.NORMAL))


@lru_cache(maxsize=1024)
def _lane(queue: str, priority: str) -> str:
    return place(queue, Priority(priority))


def submit(
    client: redis.Redis,
    provider: str,
    entries: Sequence[Entry],
    *,
    repeated: bool = False,
    exempt: bool = False,
    pause: Callable[[float], None] = time.sleep,
) -> dict[int, Refusal]:
    """Makes jobs of one provider durable, on this thread's connection: `submission`, with its errors. `pause` waits for so many seconds."""
    steps = submission(agreement_of(client), provider, entries, repeated=repeated, exempt=exempt)
    return perform(client, steps, pause=pause)


def submission(
    clocks: ClockAgreement, provider: str, entries: Sequence[Entry], *, repeated: bool = False, exempt: bool = False
) -> Steps[dict[int, Refusal]]:
    """Makes jobs of one provider durable, each once, however often the connection fails on the way: `BATCH` of them a call.

    Args:
        clocks: whether the server's clock was found to agree with this machine's.
        provider: whose queues they go to.
        entries: the jobs.
        repeated: they may have been enqueued before, so that they may even have ended by now.
        exempt: none is refused for want of room: they continue what the fleet has accepted.

    Returns:
        The refusals by position in `entries`; what is not named was added.

    Raises:
        Unavailable: Valkey could not be reached several times in a row; some may have been added.
    """
    root, looks = root_of(provider), bool(entries) and _looks(clocks, entries)
    flags = ("1" if repeated else "") + ("+" if exempt else "")
    batches = [entries] if len(entries) <= BATCH else [entries[at : at + BATCH] for at in range(0, len(entries), BATCH)]
    replies: list[list[Any]] = []
    for attempt in count(1):
        try:
            while len(replies) < len(batches):
                replies.append((yield from _enqueue.steps(root, _arguments(batches[len(replies)], flags, looks=looks))))
                if len(replies) == len(batches):
                    break
                rest = (_arguments(batch, flags, looks=looks) for batch in batches[len(replies) :])
                with suppress(redis.exceptions.NoScriptError):
                    # The server may just lose its scripts; the next of the calls then brings this one along. The call after the one that
                    # was refused may have found it there again.
                    replies.extend((yield from _enqueue.steps_in_turn(root, rest)))
                flags = _again(flags)
            break
        except redis.RedisError as error:
            seconds = pause_after(error, attempt)
        # From the second time on the first may have worked, and the jobs may even be done by now: the script then looks closer.
        flags = _again(flags)
        yield Pause(seconds)
    if not looks and not any(replies):
        return {}
    off = {number: reply[1] for number, reply in enumerate(replies) if reply and reply[0] == _OFF}
    if looks:
        clocks.note(agrees=not off)
    refusals = {
        number * BATCH + at: refusal
        for number, reply in enumerate(replies)
        if reply and number not in off
        for at, refusal in refusals_of(reply).items()
    }
    if off:
        places = [number * BATCH + at for number in off for at in range(len(batches[number]))]
        moved = [_by_server_clock(entry, off[number]) for number in off for entry in batches[number]]
        again = yield from submission(clocks, provider, moved, repeated=repeated, exempt=exempt)
        refusals |= {places[at]: refusal for at, refusal in again.items()}
    return refusals


def _again(flags: str) -> str:
    return flags if flags.startswith("1") else "1" + flags


def _looks(clocks: ClockAgreement, entries: Sequence[Entry]) -> bool:
    """Whether the server compares the stamps with its clock."""
    if len(entries) == 1:
        return bool(entries[0].sent_ms) and (entries[0].due_ms > 0 or clocks.may_differ(entries[0].sent_ms))
    if any(map(_DUE, entries)):
        return True
    stamps = [entry.sent_ms for entry in entries if entry.sent_ms]
    return bool(stamps) and (clocks.may_differ(min(stamps)) or clocks.may_differ(max(stamps)))


def _arguments(entries: Sequence[Entry], flags: str, *, looks: bool) -> list[Any]:
    sent_ms = entries[0].sent_ms if looks else 0
    # A job for an instant is for the server's clock to the second.
    tolerated = tolerated_ms(0 if any(map(_DUE, entries)) else min(map(_SPAN, entries))) if sent_ms else 0
    return ["", flags, sent_ms, tolerated, *chain.from_iterable(map(_ARGUMENTS, entries))]


def _by_server_clock(entry: Entry, now_ms: int) -> Entry:
    message = by_server_clock(entry.message, entry.sent_ms, entry.span_ms, now_ms) if entry.sent_ms else entry.message
    delay_ms = max(0, entry.due_ms - now_ms) if entry.due_ms else entry.delay_ms
    return entry._replace(message=message, sent_ms=0, delay_ms=delay_ms, due_ms=0)


def refusals_of(reply: list[Any]) -> dict[int, Refusal]:
    """A reply of `enqueue.lua`, by position from 0."""
    return {
        reply[at] - 1: Refusal(
            Verdict(reply[at + 1].decode()), reply[at + 2].decode(), reply[at + 3].decode(), reply[at + 4]
        )
        for at in range(0, len(reply), 5)
    }
