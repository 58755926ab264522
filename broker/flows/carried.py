"""Carries one entry of a provider's stream of hand-overs to where it belongs."""

from datetime import timedelta
from typing import Any, NamedTuple

import orjson
import redis
import structlog

from broker.flows.sent_with import OF_REPLAY
from leeward.errors import LeewardError
from leeward.flows.follow_up import sent_at
from leeward.jobs.dead_reason import DeadReason
from leeward.jobs.queue_name import provider_of
from leeward.jobs.secret import REDACTED
from leeward.wire.entry import Entry
from leeward.wire.keys import QUEUES, ProviderKeys
from leeward.wire.script import Script

READ_AT_MOST = timedelta(minutes=10)
"""How long ago an entry may have been read: a carrier that was stopped for longer reads again."""
MARK_KEPT = timedelta(days=7)
"""How long it is known that a follow-up was sent, while its entry is still on the stream."""
MARK_LEFT = timedelta(minutes=15)
"""The same once it is off: longer than `READ_AT_MOST`."""

_send = Script("broker.flows", "send.lua")
_count = Script("broker.flows", "count.lua")
_log = structlog.get_logger(__name__)


class Handover(NamedTuple):
    """An entry of the stream.

    Attributes:
        source: whose stream.
        id: the entry's.
        fields: see `flow.lua`.
        read_ms: when it was read, by the server's clock.
    """

    source: str
    id: str
    fields: dict[str, str]
    read_ms: int


class Carried(NamedTuple):
    """What came of it.

    Attributes:
        is_over: it can be taken off the stream.
        due: the provider at which something more is to be carried on now.
        mark: the key that says that a follow-up was sent.
    """

    is_over: bool = True
    due: str | None = None
    mark: str | None = None


def carry(client: redis.Redis, handover: Handover) -> Carried:
    """Sends a follow-up or counts a member. Safe to repeat, and for any number of carriers at once.

    Raises:
        redis.RedisError: the server of the other provider cannot be asked, or does not allow it.
    """
    if handover.fields.get("kind") == "member":
        return _count_member(client, handover)
    try:
        found = orjson.loads(handover.fields.get("entry", ""))
        provider, entry = sent_at(found, handover.read_ms)
    except (ValueError, LeewardError) as error:
        _bury(client, handover, handover.source, None, f"it cannot be read: {error}")
        return Carried()
    if found.get(OF_REPLAY) and REDACTED.encode() in entry.message:
        _bury(client, handover, provider, entry, "its secrets were not kept with the dead letter of its predecessor")
        return Carried()
    return _send_once(client, handover, provider, entry)


def _count_member(client: redis.Redis, handover: Handover) -> Carried:
    home, _, batch = handover.fields.get("batch", "").partition(":")
    try:
        provider_of(home)
    except ValueError:
        _log.warning("batch_unknown", provider=handover.source, entry=handover.id)
        return Carried()
    arguments = [batch, handover.fields.get("member", ""), handover.fields.get("state", "")]
    due = _count(client, ProviderKeys(home).root, arguments)
    return Carried(due=home if due else None)


def _send_once(client: redis.Redis, handover: Handover, provider: str, entry: Entry) -> Carried:
    source = f"{handover.source}:{handover.id}"
    # Its producer never named this queue, and perhaps no one else did: without this no one could find the job.
    client.sadd(QUEUES, entry.place.partition(":")[0])
    limits = [handover.read_ms, _ms(READ_AT_MOST), _ms(MARK_KEPT)]
    reply = _send(client, ProviderKeys(provider).root, ["", source, *limits, *entry[:7]])
    match reply[0]:
        case b"stale":
            return Carried(is_over=False)
        case b"conflict":
            _bury(client, handover, provider, entry, f"its idempotency key belongs to job {reply[1].decode()}")
        case b"duplicate":
            _log.info("follow_up_is_there_already", job=reply[1].decode())
    return Carried(mark=ProviderKeys(provider).sent(source))


def _bury(client: redis.Redis, handover: Handover, provider: str, entry: Entry | None, why: str) -> None:
    """A follow-up that can never be sent becomes a dead letter: people see it, and can enqueue its job again."""
    _log.error("follow_up_not_sent", provider=provider, entry=handover.id, reason=why)
    error = {"type": "FollowUpNotSent", "message": f"it was to follow another job and could not be sent: {why}"}
    queue, lane = entry.place.split(":")[:2] if entry else ("", "")
    fields: dict[Any, Any] = {
        "kind": "dead",
        "job": entry.job_id if entry else "",
        "message": entry.message if entry else handover.fields.get("entry", ""),
        "reason": DeadReason.INVALID.value,
        "error": orjson.dumps(error),
        "died_at": handover.read_ms,
        "deliveries": 0,
        "worker": "",
        "queue": queue,
        "priority": lane,
        "progress": "",
    }
    client.xadd(ProviderKeys(provider).dead, fields)


def _ms(span: timedelta) -> int:
    return span // timedelta(milliseconds=1)
