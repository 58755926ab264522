"""From claims to jobs, and what became of each claim."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

import redis

from leeward.errors import MessageTooLarge
from leeward.jobs.queue_name import provider_of
from leeward.wire.entry import Entry, Refusal, Verdict, entry_of, submit
from leeward.wire.keys import QUEUES
from storage.replays.claim_results import Duplicate, Unreplayed
from storage.replays.claims import Claim
from workers.background.replays.corrected import whole
from workers.background.replays.message import Unreplayable, message_for_replay


@dataclass(slots=True)
class Enqueued:
    """What became of claims: each is in one of the lists."""

    queued: list[Claim] = field(default_factory=list)
    duplicates: list[Duplicate] = field(default_factory=list)
    refused: list[Unreplayed] = field(default_factory=list)


def enqueue(client: redis.Redis, claims: Sequence[Claim], now: datetime) -> Enqueued:
    """Makes the jobs of claims durable, each once, also when a former holder of the claims has done it before.

    Raises:
        Unavailable, redis.RedisError: Valkey cannot be reached; some may have been enqueued. Do it again.
    """
    ending = Enqueued()
    queues: set[str] = set()
    entries: defaultdict[str, list[tuple[Claim, Entry]]] = defaultdict(list)
    for claim in claims:
        try:
            message = message_for_replay(whole(client, claim), now)
            entry = entry_of(message, is_span=True)
        except (Unreplayable, MessageTooLarge, ValueError) as refusal:
            ending.refused.append(Unreplayed(claim.position, claim.dead_letter_id, str(refusal)))
        else:
            queues.add(message.queue_name)
            entries[provider_of(message.queue_name)].append((claim, entry))
    if queues:
        client.sadd(QUEUES, *queues)
    for provider, pairs in entries.items():
        refusals = submit(client, provider, [entry for _, entry in pairs], repeated=True, exempt=True)
        for position, (claim, _) in enumerate(pairs):
            _note(ending, claim, refusals.get(position))
    return ending


def _note(ending: Enqueued, claim: Claim, refusal: Refusal | None) -> None:
    if refusal is None:
        ending.queued.append(claim)
    elif refusal.verdict is Verdict.CONFLICT:
        why = (
            f"its idempotency key belongs to job {refusal.job_id} with another payload:"
            " discard it, or enqueue under a new key"
        )
        ending.refused.append(Unreplayed(claim.position, claim.dead_letter_id, why))
    elif refusal.job_id == claim.job_id:
        # Its own job, enqueued by a former holder of the claim, which has ended by now.
        ending.queued.append(claim)
    else:
        ending.duplicates.append(Duplicate(claim, refusal.job_id, refusal.state == "done"))
