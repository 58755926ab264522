"""Which failures have the same cause, as far as their errors show."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from leeward.jobs.kinds import KINDS
from storage.dead_letters.groups.normalised import normalised
from storage.dead_letters.groups.traceback_frame import place_of, top_frame
from storage.payloads.message import text_of
from storage.payloads.sanitise import beginning

RULE = 2
"""Which version of the rule a fingerprint is of: its first digit. A changed rule counts up, and what was written by an older one is
computed again in the background; a newer one's is left alone, so releases can run side by side.
"""
NAME_LIMIT = 200
DIGITS = 16


@dataclass(frozen=True, slots=True)
class Failure:
    """What a group of failures has in common.

    Attributes:
        operation: what the job was doing, as its error says; its actor's name otherwise.
        message: without what differs from job to job (`storage.dead_letters.groups.normalised`).
        frame: the deepest one that is ours or the user's own (`storage.dead_letters.groups.traceback_frame`). Failures whose frames
            differ only in the file are one: releases move files.
    """

    provider: str
    operation: str
    error_type: str | None
    message: str | None
    frame: str | None

    @property
    def fingerprint(self) -> str:
        """16 hexadecimal digits: the version of the rule, then the beginning of a SHA-256."""
        place = self.frame and place_of(self.frame)
        parts = json.dumps([RULE, self.provider, self.operation, self.error_type, self.message, place])
        return f"{RULE:x}" + hashlib.sha256(parts.encode()).hexdigest()[: DIGITS - 1]


def failure_of(provider: str, actor: str, error: Mapping[str, Any], values: Mapping[str, Any]) -> Failure:
    """The failure that a stored error is one of.

    Args:
        provider: of the job.
        actor: of the job.
        error: as it is stored: without secrets, of bounded size.
        values: what the job was about, by field; values found in the message do not distinguish failures.
    """
    message, traceback = text_of(error.get("message")), text_of(error.get("traceback"))
    status = error.get("status")
    return Failure(
        provider=provider,
        operation=beginning(text_of(error.get("operation")) or actor, NAME_LIMIT),
        error_type=text_of(error.get("type")),
        message=normalised(message, values, keep=status if isinstance(status, int) else None) if message else None,
        frame=top_frame(traceback, KINDS.packages()) if traceback else None,
    )


def values_of(payload: Any, **about: str | None) -> dict[str, Any]:
    """What a job was about, by field: its payload's fields, a stock actor's arguments by name, and what else identifies it.

    Args:
        payload: as it is stored.
        about: further values by name, as `job`; None where there is none.
    """
    fields = payload if isinstance(payload, dict) else {"payload": payload}
    if fields.keys() == {"args", "kwargs"}:
        named = fields["kwargs"]
        fields = (named if isinstance(named, dict) else {}) | {"argument": fields["args"]}
    return {name: value for name, value in about.items() if value} | fields
