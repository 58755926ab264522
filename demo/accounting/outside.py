"""What can be seen from outside the fleet: at the media server, in the mail server's record, on the disk."""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from demo.accounting.orders import Family

Seen = Counter[tuple[Family, tuple[str, str]]]
"""How often each effect happened, by family and name."""


@dataclass(frozen=True, slots=True)
class Before:
    """The accounts that existed at the beginning, and how many of each event there had been."""

    users: frozenset[str]
    events: Mapping[str, int]


def users(events: Iterable[Mapping[str, Any]], standing: Iterable[Mapping[str, Any]]) -> Seen:
    """Changes of accounts, by user and the state they led to. A change that does not stand any more did not happen.

    Args:
        events: `user_created`, `user_enabled` and `user_disabled` of the media server's record.
        standing: its accounts now.
    """
    now = {user["Name"]: "disabled" if user["Policy"]["IsDisabled"] else "enabled" for user in standing}
    seen: Seen = Counter()
    for event in events:
        state = "disabled" if event["event"] == "user_disabled" else "enabled"
        if now.get(event["name"]) == state:
            seen[Family.SYNC, (event["name"], state)] += 1
    return seen


def mails(events: Iterable[Mapping[str, Any]]) -> Seen:
    """Accepted mails by subject and recipient, from the mail server's `mail_accepted`."""
    return Counter(
        (Family.EMAIL, (event["subject"], recipient)) for event in events for recipient in event["recipients"]
    )


def shared_message_ids(events: Iterable[Mapping[str, Any]]) -> list[str]:
    """Message-IDs that the mail server has for more than one subject or recipient, or more than once."""
    by_id: defaultdict[str, list[str]] = defaultdict(list)
    for event in events:
        by_id[event["message_id"]] += event["recipients"]
    return [f"{id_ or 'no Message-ID'} ({', '.join(to)})" for id_, to in by_id.items() if len(to) > 1 or not id_]


def files(root: Path) -> Seen:
    """Files on disk by path and checksum. A copy of the same content elsewhere counts for both."""
    found: defaultdict[str, list[str]] = defaultdict(list)
    for path in sorted(root.rglob("*")):
        if path.is_file():
            found[hashlib.sha256(path.read_bytes()).hexdigest()].append(path.relative_to(root).as_posix())
    return Counter({(Family.DOWNLOAD, (path, sha)): len(paths) for sha, paths in found.items() for path in paths})
