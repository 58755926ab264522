"""What is on tonight: which accounts, files and addresses there are, and which of them will make trouble."""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import httpx

from demo.pace import Pace

JELLYFIN_TOKEN = "simulated-key"  # noqa: S105 # the simulator's own
SENDER = "box-office@example.org"
ADMINISTRATOR = "admin"
"""Cannot be disabled while it is one: a job that wants it dies."""
DEPUTY = "guest-000"
"""Becomes administrator in its place."""
REFUSED = ("no-such-seat@example.org", "left-town@example.org", "typo@example.org")
"""Addresses that the mail server refuses with 550."""
ACCEPTED_UNANSWERED = "front-row@example.org"
"""The mail server takes this mail and never answers: its sender is killed while it waits."""
NEVER_ACCEPTED = "last-row@example.org"
"""The same, but it does not take the mail."""
MISSING = 3
"""Files that are not there at first: 404."""
DEATHS = len(REFUSED) + MISSING + 1
"""Jobs that are made to die."""
_SLOW = 6
_SLOW_SECONDS = 3
_STEP_BYTES = 16 * 1024


@dataclass(frozen=True, slots=True)
class OfferedFile:
    """`url_path` is where the simulator has it; `plain_path` the same bytes at full speed."""

    path: str
    url_path: str
    plain_path: str
    size: int
    seed: str
    is_missing: bool


def leaving(pace: Pace) -> list[str]:
    """Accounts that stand already and shall be disabled."""
    return [f"season-{number:02}" for number in range(pace.users // 10)]


def offered(pace: Pace) -> Iterator[OfferedFile]:
    """All files; the last ones are missing at first, and a few are slow."""
    for number in range(pace.files + MISSING):
        seed, size = f"reel-{number:03}", (number % 12 + 4) * _STEP_BYTES
        plain = f"/bytes/{size}/{seed}"
        is_missing = number >= pace.files
        slow = f"?bytes_per_second={size // _SLOW_SECONDS}" if number < _SLOW else ""
        where = f"/archive/{seed}" if is_missing else plain + slow
        yield OfferedFile(f"reels/{seed}.bin", where, plain, size, seed, is_missing)


def order(pace: Pace, *, valkey_url: str, files_url: str) -> dict[str, Any]:
    """The jobs that the producer enqueues. Checksums are those of the files as the host serves them."""
    with httpx.Client(base_url=files_url, trust_env=False) as visitor:
        files = [_described(file, files_url, visitor) for file in offered(pace)]
    return {
        "valkey_url": valkey_url,
        "users": pace.users,
        "leaving": [*leaving(pace), ADMINISTRATOR],
        "mails": pace.mails,
        "urgent": [ACCEPTED_UNANSWERED, NEVER_ACCEPTED],
        "more_recipients": list(REFUSED),
        "files": files,
        "repeats": pace.users // 4,
    }


def _described(file: OfferedFile, files_url: str, visitor: httpx.Client) -> Mapping[str, Any]:
    content = visitor.get(file.plain_path).raise_for_status().content
    return {
        "url": files_url + file.url_path,
        "path": file.path,
        "size_bytes": len(content),
        "sha256": hashlib.sha256(content).hexdigest(),
    }
