"""Many jobs from JSON Lines, any number of them: each line is told what became of it."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

import click

from console.enqueue_request import request_for
from console.screen import Screen
from leeward import Enqueued, IdempotencyConflict, Leeward, Request
from leeward.entry import entry_of
from leeward.errors import MessageTooLarge, ProviderDisabled, QueueFull
from leeward.job_message import message_for

BATCH = 1_000
"""Lines that are read, checked and enqueued at once."""
MEMBERS = ("kind", "payload", "key", "delay", "priority", "deadline")


def enqueue_lines(client: Leeward, lines: Iterable[str], screen: Screen) -> Counter[str]:
    """Enqueues what can be enqueued and says what became of each line; counts `enqueued`, `duplicate`, `conflict`, `full` and
    `invalid`.

    A line that is wrong stops no other. Repeating the same lines with keys enqueues nothing twice.

    Raises:
        Unavailable: some lines may be enqueued.
    """
    counts: Counter[str] = Counter()
    numbered = ((number, line) for number, line in enumerate(lines, 1) if line.strip())
    while batch := list(islice(numbered, BATCH)):
        for told in _enqueue(client, batch):
            counts[told["outcome"]] += 1
            _tell(screen, told)
    _sum_up(screen, counts)
    return counts


def _enqueue(client: Leeward, batch: list[tuple[int, str]]) -> Iterator[dict[str, Any]]:
    read = [(number, _read(line)) for number, line in batch]
    requests = [request for _, request in read if isinstance(request, Request)]
    answers = iter(client.enqueue_many(requests))
    for number, request in read:
        if isinstance(request, Request):
            yield {"line": number} | _document(next(answers))
        else:
            yield {"line": number, "outcome": "invalid", "error": request}


def _read(line: str) -> Request | str:
    """The request of a line, or what is wrong with it."""
    try:
        wanted = json.loads(line)
        if not isinstance(wanted, dict) or not isinstance(wanted.get("kind"), str):
            return 'a line is {"kind": "sync.user", "payload": {"user": "alice"}}'
        unknown = wanted.keys() - set(MEMBERS)
        if unknown:
            return f"no such member: {', '.join(sorted(unknown))}; there are {', '.join(MEMBERS)}"
        request = request_for(wanted["kind"], wanted.get("payload") or {}, wanted)
        _encode(request)
    except click.UsageError as error:
        return error.format_message()
    except (MessageTooLarge, ValueError, TypeError, AttributeError, RecursionError) as error:
        return str(error)
    return request


def _encode(request: Request) -> None:
    """Finds out what `enqueue_many` would refuse, which then would refuse the whole batch."""
    if request.delay is not None and request.delay.total_seconds() < 0:
        raise ValueError("the delay is negative")
    key, priority = request.idempotency_key, request.priority
    entry_of(message_for(request.job, idempotency_key=key, priority=priority, deadline=request.deadline))


def _document(answer: Enqueued | IdempotencyConflict | QueueFull | ProviderDisabled) -> dict[str, Any]:
    if isinstance(answer, QueueFull):
        return {"outcome": "full", "error": str(answer)}
    if isinstance(answer, ProviderDisabled):
        return {"outcome": "disabled", "error": str(answer)}
    if isinstance(answer, IdempotencyConflict):
        return {"outcome": "conflict", "job": answer.job_id, "error": str(answer)}
    return {"outcome": "duplicate" if answer.duplicate else "enqueued", "job": answer.job_id}


def _tell(screen: Screen, told: dict[str, Any]) -> None:
    if screen.as_json:
        screen.record(told)
    elif told["outcome"] in {"invalid", "conflict", "full", "disabled"}:
        screen.remark(f"line {told['line']}: {told['outcome']}: {told['error']}")
    else:
        screen.row(told["job"], told["outcome"])


def _sum_up(screen: Screen, counts: Counter[str]) -> None:
    said = ", ".join(f"{count:,} {outcome}" for outcome, count in counts.items())
    screen.remark(said or "No line: nothing was enqueued.")
