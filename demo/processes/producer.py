"""Another service, which enqueues for the fleet. It runs where only the `leeward` wheel is installed: nothing else of ours is imported.

Reads what to ask for as JSON on standard input. Answers with lines of JSON: first what is installed beside it, then for each
request what became of it and which effects the service expects in the world outside.
"""

import json
import sys
from collections.abc import Iterator
from datetime import timedelta
from importlib.metadata import distributions
from itertools import cycle
from typing import Any, NamedTuple

from leeward import (
    DownloadFile,
    Enqueued,
    IdempotencyConflict,
    Job,
    Leeward,
    Priority,
    ProviderDisabled,
    QueueFull,
    Request,
    SendEmail,
    SyncUser,
    UserState,
)

FIRST = "first"
AGAIN = "again"
OTHER = "other"
LATER = cycle([None] * 6 + [timedelta(seconds=1), timedelta(seconds=2.5), timedelta(seconds=4)])
LANES = cycle([None, None, None, Priority.INTERACTIVE, None, Priority.BULK])


class Wish(NamedTuple):
    """A request, and what shall be seen of it outside. `again` repeats a request; `other` is other work under a used key."""

    request: Request
    effects: list[dict[str, str]]
    manner: str = FIRST


def main() -> None:
    order = json.load(sys.stdin)
    say({"installed": sorted({found.name.lower() for found in distributions()}), "python": sys.version.split()[0]})
    with Leeward(order["valkey_url"]) as fleet:
        wishes = list(wanted(order))
        wishes += list(repeated(wishes, order["repeats"]))
        for wish, answer in zip(wishes, fleet.enqueue_many([wish.request for wish in wishes]), strict=True):
            if isinstance(answer, QueueFull | ProviderDisabled):
                raise answer
            say(
                {
                    "job_id": answer.job_id,
                    "kind": wish.request.job.kind,
                    "manner": wish.manner,
                    "outcome": outcome_of(answer),
                    "effects": wish.effects,
                }
            )


def outcome_of(answer: Enqueued | IdempotencyConflict) -> str:
    if isinstance(answer, IdempotencyConflict):
        return "conflict"
    return "duplicate" if answer.duplicate else "enqueued"


def wanted(order: dict[str, Any]) -> Iterator[Wish]:
    """The kinds take turns, as they would in life."""
    queues = [users(order), mails(order), files(order)]
    while queues:
        for queue in list(queues):
            wish = next(queue, None)
            if wish is None:
                queues.remove(queue)
            else:
                yield wish


def repeated(wishes: list[Wish], count: int) -> Iterator[Wish]:
    """What a cautious service does: it repeats calls with the same keys, and three times it uses a key for other work."""
    for wish in wishes[:: max(len(wishes) // count, 1)][:count]:
        yield Wish(wish.request, [], AGAIN)
    guests = [wish for wish in wishes if isinstance(wish.request.job, SyncUser)]
    for number, wish in enumerate(guests[:3]):
        yield Wish(Request(SyncUser(user=f"nobody-{number}"), wish.request.idempotency_key), [], OTHER)


def users(order: dict[str, Any]) -> Iterator[Wish]:
    for number in range(order["users"]):
        yield user(f"guest-{number:03}", UserState.ENABLED)
    for name in order["leaving"]:
        yield user(name, UserState.DISABLED)


def mails(order: dict[str, Any]) -> Iterator[Wish]:
    for number, address in enumerate(order["urgent"]):
        urgent = mail(f"Tonight, seat {number}", address)
        request = urgent.request._replace(delay=None, priority=Priority.INTERACTIVE)
        yield urgent._replace(request=request)
    for number in range(order["mails"]):
        yield mail(f"Your ticket {number:03}", f"guest-{number:03}@example.org")
    for number in range(order["mails"] // 10):
        yield mail(f"To all of table {number:02}", *(f"seat-{seat}.table-{number:02}@example.org" for seat in "abc"))
    for number, address in enumerate(order["more_recipients"]):
        yield mail(f"A special guest {number}", address)


def files(order: dict[str, Any]) -> Iterator[Wish]:
    for file in order["files"]:
        job = DownloadFile(
            url=file["url"], destination=file["path"], size_bytes=file["size_bytes"], sha256=file["sha256"]
        )
        yield wish(
            job, f"file:{file['path']}", [{"family": "download", "path": file["path"], "sha256": file["sha256"]}]
        )


def user(name: str, state: UserState) -> Wish:
    return wish(SyncUser(user=name, state=state), f"user:{name}", [{"family": "sync", "user": name, "state": state}])


def mail(subject: str, *recipients: str) -> Wish:
    job = SendEmail(to=recipients, subject=subject, text="Doors open at seven.")
    return wish(
        job, f"mail:{subject}", [{"family": "email", "subject": subject, "recipient": one} for one in recipients]
    )


def wish(job: Job, key: str, effects: list[dict[str, str]]) -> Wish:
    return Wish(Request(job, key, next(LATER), next(LANES)), effects)


def say(line: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(line) + "\n")


if __name__ == "__main__":
    main()
