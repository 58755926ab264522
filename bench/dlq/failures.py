"""What goes wrong in the loaded queue: some hundred ways to fail, as the clients of the providers report them."""

import itertools
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from leeward import DownloadFile, SendEmail, SyncUser
from leeward.jobs.dead_reason import DeadReason
from leeward.jobs.job import Job
from leeward.wire.job_message import message_for
from storage.dead_letters.intake.new_letter import DeadLetter

# What is replaced in every row. Ids have the shape of ids; whatever a message says of them is not part of its group.
JOB, USER, REQUEST, TRACE, KEY = (
    "1f0e0d0c-0b0a-4908-8706-050403020100",
    "someone",
    "req5ca1ab1e",
    "5ca1ab1e" * 4,
    "key-somewhat",
)
NUMBER, TENANT, OUTBOX = "808017", "a-tenant", "77-7"
DIED_MS = "1700000000123"


class Kind(NamedTuple):
    """A kind of error: its class, why its job is dead, the protocol's status and what the error says."""

    error_type: str
    reason: DeadReason
    status: int | None
    message: str


@dataclass(frozen=True, slots=True)
class Place:
    """Where jobs of one kind fail."""

    job: Job
    provider: str
    operations: tuple[str, ...]
    file: str
    subject: str = USER
    """What its errors speak of."""


_USER = SyncUser(user=USER)
_MAIL = SendEmail(to=(f"{USER}@example.org",), subject="Welcome", template="welcome", values={"name": USER})
_FILE = DownloadFile(url=f"https://files.example.org/{USER}/{NUMBER}.mkv", destination=f"films/{USER}.mkv")

PLACES = (
    Place(
        _USER,
        "jellyfin",
        ("create_user", "set_policy", "find_user", "disable_user", "set_password", "delete_user", "list_libraries"),
        "providers/jellyfin/answers.py",
    ),
    Place(
        SyncUser(user=USER, provider="plex"),
        "plex",
        ("invite", "share", "unshare", "find_friend"),
        "providers/plex/answers.py",
    ),
    Place(_MAIL, "smtp", ("send", "connect", "sign_in", "render"), "providers/smtp/connections/failures.py"),
    Place(
        _FILE, "http", ("fetch", "resume", "verify", "store"), "providers/downloads/translation.py", _FILE.destination
    ),
)
KINDS = (
    Kind("Transient", DeadReason.EXHAUSTED, 503, "{provider} answered 503 Service Unavailable"),
    Kind(
        "Transient",
        DeadReason.EXHAUSTED,
        502,
        "{provider} answered 502 Bad Gateway to https://{provider}.example.org/{user}?n={number}",
    ),
    Kind("Transient", DeadReason.EXHAUSTED, None, "{provider} did not answer within 10.0 s ({operation} for {user})"),
    Kind("Transient", DeadReason.EXHAUSTED, None, "[Errno 111] Connection refused by 10.1.2.{octet}:8096"),
    Kind("Transient", DeadReason.EXPIRED, 500, "{provider} answered 500 Internal Server Error, database is locked"),
    Kind("RateLimited", DeadReason.EXPIRED, 429, "{provider} asked for 30 s of rest after {number} requests"),
    Kind("QuotaExceeded", DeadReason.EXPIRED, 452, "the allowance of {number} a day is used up"),
    Kind("AuthFailed", DeadReason.EXPIRED, 401, "{provider} refused the credentials"),
    Kind("Misconfigured", DeadReason.EXPIRED, 302, "{provider} redirects to https://login.example.org/{number}"),
    Kind("Permanent", DeadReason.PERMANENT, 400, "{provider} refused '{user}': the name is not allowed"),
    Kind("Permanent", DeadReason.PERMANENT, 404, "'{user}' is not there"),
    Kind("Permanent", DeadReason.PERMANENT, 410, "item {number} of {user} is gone for good"),
    Kind("Permanent", DeadReason.PERMANENT, 422, "the limit of {number} for {user} is out of range"),
    Kind(
        "Ambiguous", DeadReason.UNKNOWN_OUTCOME, None, "the answer to {operation} was lost after the request was sent"
    ),
    Kind("KeyError", DeadReason.EXHAUSTED, None, "'Policy'"),
    Kind("TypeError", DeadReason.EXHAUSTED, None, "unsupported operand type(s) for +: 'int' and 'NoneType'"),
    Kind(
        "CrashLoop",
        DeadReason.CRASH_LOOP,
        None,
        "3 workers in a row stopped renewing its lease; the last was host-{octet}:4711",
    ),
    Kind("ValidationError", DeadReason.INVALID, None, "user: Field required; usr: Extra inputs are not permitted"),
)


def failures() -> list[DeadLetter]:
    """A letter of each, with placeholders in place of what differs from job to job; those of one place and kind stand together."""
    return list(itertools.starmap(_letter, _ways()))


def _ways() -> Iterator[tuple[Place, str, Kind]]:
    for place in PLACES:
        for operation, kind in itertools.product(place.operations, KINDS):
            yield place, operation, kind


def _letter(place: Place, operation: str, kind: Kind) -> DeadLetter:
    said = kind.message.format(
        provider=place.provider.title(), operation=operation, user=place.subject, number=NUMBER, octet=17
    )
    error = {"type": kind.error_type, "message": said, "provider": place.provider, "operation": operation}
    if kind.status is not None:
        error["status"] = kind.status
    if kind.reason not in {DeadReason.CRASH_LOOP, DeadReason.INVALID}:
        error["traceback"] = _traceback(place, operation, f"{kind.error_type}: {said}")
    fields = {
        "kind": "dead",
        "job": JOB,
        "message": _message(place),
        "reason": kind.reason.value,
        "error": json.dumps(error),
        "died_at": DIED_MS,
        "deliveries": "3" if kind.reason is DeadReason.CRASH_LOOP else "1",
        "worker": "host-17:4711",
        "queue": place.job.queue,
        "priority": "normal",
    }
    return DeadLetter.from_outbox(
        place.provider, OUTBOX, {name.encode(): text.encode() for name, text in fields.items()}
    )


def _message(place: Place) -> str:
    sent = message_for(place.job, job_id=JOB).asdict()
    sent["queue_name"] = place.job.queue
    sent["message_timestamp"] = int(DIED_MS) - 60_000
    sent["options"] |= {
        "request_id": REQUEST,
        "traceparent": f"00-{TRACE}-{TRACE[:16]}-01",
        "idempotency_key": KEY,
        "tenant": TENANT,
        "retries": 4,
    }
    return json.dumps(sent)


def _traceback(place: Place, operation: str, last: str) -> str:
    actor = f"actors/{place.job.kind.partition('.')[0]}.py"
    frames = (
        (actor, 41, "perform", "done = directory.run(job)"),
        (
            place.file.replace(place.file.rpartition("/")[2], "client.py"),
            88,
            operation,
            "answer = self._transport.request(call)",
        ),
        (place.file, 57, "understood", "raise meaning(answer)"),
    )
    shown = "".join(
        f'  File "/app/{file}", line {line}, in {function}\n    {code}\n' for file, line, function, code in frames
    )
    return f"Traceback (most recent call last):\n{shown}leeward.extension.errors.{last}\n"
