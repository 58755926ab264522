"""The idempotency keys of a fake fleet: the rule of `taking.lua`."""

import json
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from leeward.wire.entry import Entry, Refusal, Verdict

KEPT = timedelta(hours=24)
"""How long a key answers after its job has ended: a fleet's own default."""


@dataclass
class HeldKey:
    fingerprint: str
    job_id: str
    state: str = "live"
    result: Any = None
    expires: datetime | None = None


@dataclass
class Keys:
    """Provider and key -> the job that holds it."""

    held: dict[tuple[str, str], HeldKey] = field(default_factory=dict)

    def refusal(self, provider: str, entry: Entry, now: datetime) -> Refusal | None:
        """Why a job does not get its key; None where it does, or has none."""
        holder = self.held.get((provider, entry.idempotency_key))
        if holder is None or (holder.expires is not None and holder.expires <= now):
            return None
        same = holder.fingerprint == entry.fingerprint
        verdict = Verdict.DUPLICATE if same else Verdict.CONFLICT
        return Refusal(verdict, holder.job_id, holder.state, json.dumps(holder.result).encode())

    def take(self, provider: str, entry: Entry) -> None:
        if entry.idempotency_key:
            self.held[provider, entry.idempotency_key] = HeldKey(entry.fingerprint, entry.job_id)

    def release(self, provider: str, key: str) -> None:
        self.held.pop((provider, key), None)

    def end(self, provider: str, key: str, state: str, result: Any, now: datetime) -> None:
        """Keeps the key of a job that has ended, for its time."""
        if holder := self.held.get((provider, key)):
            holder.state, holder.result, holder.expires = state, result, now + KEPT
