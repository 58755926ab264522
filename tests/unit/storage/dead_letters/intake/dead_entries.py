"""Outbox entries as the scripts write them, for the tests of whatever reads them."""

import json
from typing import Any

from leeward import SyncUser
from leeward.jobs.job import Job
from leeward.wire.job_message import message_for

DIED_AT_MS = 1_790_000_000_000


def message_of(job: Job | None = None, *, options: dict[str, Any] | None = None, **envelope: Any) -> bytes:
    """An encoded message; `options` are added to the job's own, `envelope` replaces whole members."""
    sent = message_for(job or SyncUser(user="alice"), job_id=envelope.pop("message_id", None)).asdict()
    sent["options"] = sent["options"] | (options or {})
    return json.dumps(sent | envelope).encode()


def dead_fields(message: bytes | None = None, **changes: bytes | str) -> dict[bytes, Any]:
    """The fields of an entry of kind `dead`."""
    message = message_of() if message is None else message
    fields: dict[str, bytes | str] = {
        "kind": "dead",
        "job": _job_id(message),
        "message": message,
        "reason": "exhausted",
        "error": json.dumps({"type": "Transient", "message": "503 from the server", "operation": "create_user"}),
        "died_at": str(DIED_AT_MS),
        "deliveries": "3",
        "worker": "host-1:4711",
        "queue": "sync.jellyfin",
        "priority": "normal",
        "progress": "",
    }
    return {name.encode(): _bytes(value) for name, value in (fields | changes).items()}


def recovered_fields(dead_letter: object, job: str = "replayed-job") -> dict[bytes, bytes]:
    """The fields of an entry of kind `recovered`."""
    return {
        b"kind": b"recovered",
        b"job": job.encode(),
        b"replay_of": str(dead_letter).encode(),
        b"at": b"1790000001000",
    }


def _job_id(message: bytes) -> str:
    try:
        return str(json.loads(message)["message_id"])
    except (ValueError, LookupError, TypeError, RecursionError):
        return "a-job"


def _bytes(value: bytes | str) -> bytes:
    return value.encode() if isinstance(value, str) else value
