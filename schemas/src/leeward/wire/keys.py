"""Where everything about a provider lives in Valkey.

All keys of one provider carry the same hash tag, so they share one cluster slot and one script may touch them together.
The scripts build the same names from the root they are given; this table is the reference.

| key | type | holds | bounded by |
|---|---|---|---|
| `ready:<queue>:<lane>` | list | ids of jobs that may run now, next first | live jobs |
| `ready:<queue>:<lane>:<partition>` | list | the same for one partition | live jobs |
| `scheduled` | zset | id -> due, server ms: delays, retries, deferrals | live jobs |
| `leases` | zset | id -> expiry, server ms: what is running, and whose permit it is | live jobs |
| `jobs` | hash | id -> encoded Dramatiq message | live jobs |
| `places` | hash | id -> `<queue>:<lane>` or `<queue>:<lane>:<partition>`: its ready list; or filler (`keep_hashed`) | live jobs |
| `deliveries` | hash | id -> `<n>@<worker>`, the fencing token of its latest delivery; '' -> filler | live jobs |
| `expiries` | hash | id -> leases that expired in a row | live jobs |
| `suspects` | hash | id -> what is known of a job whose process stopped (`broker/scripts/parts/suspects.lua`) | live jobs |
| `suspects:<queue>` | zset | id -> since when it waits to run apart from other jobs, server ms | live jobs |
| `apart` | string | the busy process that drains to run suspects | its TTL |
| `begun` | hash | id -> token that began an effect which cannot be repeated | live jobs |
| `progress` | hash | id -> JSON, the last progress reported | live jobs |
| `cancelling` | hash | id -> `asked` or `heard`: running jobs that are cancelled (`leeward/wire/scripts/parts/cancelled.lua`) | live jobs |
| `batch:<id>` | hash | how many members of a batch ended, and how (`leeward/wire/scripts/parts/flow.lua`) | its TTL, 30 days |
| `batch:<id>:members` | hash | member -> its state | its TTL, 30 days |
| `handovers` | stream | follow-ups and counts that are for another provider | one a job that ends |
| `sent:<provider>:<entry>` | string | that this follow-up was sent (`broker/flows/send.lua`) | its TTL |
| `key:<idempotency key>` | hash | `fingerprint`, `job`, `state`, `result` | live jobs, then its TTL |
| `outcome:<id>` | string | JSON: how the job ended, and its result | its TTL |
| `ended:done`, `ended:other` | list | ids of the jobs that ended last (`leeward/wire/scripts/parts/ended_jobs.lua`) | 2,500, a TTL |
| `done:<hour>` | string | how many jobs were done in an hour since 1970 (`broker/scripts/parts/completions.lua`) | its TTL, 8 days |
| `corrected:<dead letter id>` | string | a corrected message that holds a secret, for its replay | its TTL, 7 days |
| `dead` | stream | the outbox: what PostgreSQL does not have yet. Never capped | PostgreSQL's absence |
| `paused` | set | queues that hand out nothing | queues |
| `waiting:<queue>` | zset | process -> since when it waits for a job, server ms | processes |
| `bounded` | string | there while the provider has a limit of waiting jobs, or is switched off (`broker/guards/limits/bounded.lua`) | one |
| `health` | hash | what the latest probe found | a week |
| `monitors` | hash | monitor of an outside service -> the state that the latest poll found | monitors, a TTL |
| `turned:<queue>` | zset | process -> since when a guard keeps it from a queue | processes |
| `turns:<queue>:<lane>` | list | partitions with waiting jobs, next first; the empty name for the jobs without one | live jobs |
| `partitioned` | hash | `<queue>:<lane>` -> jobs that wait in its partitions | lanes |
| `withdrawn` | hash | id -> its place, of cancelled jobs whose ids are still in a ready list (`withdrawn.lua`) | jobs that waited |
| `withdrawn_at` | hash | place -> how many of those are in its ready list | `withdrawn` |
| `partition_leases` | zset | partition, the byte 1 and id of leased jobs with a partition (`partition_limit.lua`) | running jobs |
| `parked` | zset | partition, the byte 1 and `<queue>:<lane>`: it takes no turns there, being full | running jobs |
| `parked_in` | hash | `<queue>:<lane>` -> how many partitions are parked there | lanes |
| `shares:<queue>` | hash | lane -> starts that a lower lane has coming, a fraction (`lane_shares.lua`) | its TTL, an hour |
| `guards` | hash | the numbers of the provider's guards that are in force; an actor's own as `<name>@<queue>` | settings |
| `declared` | hash | those that the latest worker declared | settings |
| `overrides` | hash | those of them that operators have set | settings |
| `circuit` | hash | the circuit's mode and state (`broker/guards/circuit/circuit.lua`) | one |
| `window:<second>` | hash | calls of one second | its TTL |
| `adaptive` | hash | measurements of how many calls at once the provider can take (`broker/guards/limits/adaptive.lua`) | one |
| `admitted` | hash | id -> when it was leased, server ms; where the limit is adaptive | live jobs |
| `bucket` | hash | the rate limit's tokens, and as of when | one |
| `bucket:<queue>` | hash | the same for an actor's own rate | queues |
| `probes` | zset | jobs that probe a half-open circuit | live jobs |
| `probed` | zset | id -> when it last failed as a probe, while the circuit is not closed (`broker/guards/circuit/probed.lua`) | its TTL |
| `witnesses` | zset | jobs whose calls failed last -> when (`broker/guards/circuit/witnesses.lua`) | ten |
| `denials` | zset | jobs that the provider refused last because of credentials or settings -> when | ten |
| `last_attempts` | zset | jobs that wait for a health probe before their last attempt counts -> since when | its TTL |
| `sick` | zset | workers that are held back alone -> until when | processes |
| `workers` | zset | process -> when it last asked for jobs | processes |
| `refused` | zset | queues that wait for the door to open | queues |
| `moved` | string | how many jobs were moved to another lane: a number for the id that each left in its list | one |
| `counts` | hash | how often what happened, for metrics | names |
| `totals` | hash | `enqueued <queue>`, `dead <reason> <queue>` -> how many jobs, for metrics | queues |
| `events` | stream | what happened to the guards, why and by whom | the latest thousand |
| `event_stream` | stream | what handlers receive (`broker/event_stream/emit.lua`) | the latest ten thousand |
| `emitted:<what>` | string | that an event which happens once was emitted (`broker/event_stream/append.lua`) | its TTL |
| `event_handlers` | zset | handler whose jobs go here -> when a pump last had it, server ms | handlers |
| `event_cursors` | hash | handler -> since when it is known; `<handler> <provider>` -> its place in that stream: id, number | handlers |
| `event_losses` | hash | handler -> events that were trimmed before it had them | handlers |
| `ticks` | hash | periodic actor -> `<instant> <job>`: the latest tick that was sent, server ms (`broker/scripts/tick.lua`) | actors |
| `relayed` | hash | `<outbox>/<shard>` -> the latest call of a relay, and its jobs (`relayed.lua`) | outboxes, 16 shards of each |
| `schedules`, `plans` | hash | periodic actor -> its schedule; JSON of that and its queue (`broker/periodic/plan.py`) | actors |
| `ticks_paused` | hash | periodic actor that gets no ticks -> JSON: `at`, `by`, `why` | actors |
| `tick_outcomes` | hash | periodic actor -> JSON: the latest `job` that ended, its `outcome`, when that was `seen` | actors |
| `ticks_sent`, `tick_looks` | hash | periodic actor -> its latest tick that became a job; when a scheduler last checked it | actors |
| `sessions` | zset | open session -> until when it counts, server ms (`broker/scripts/parts/sessions.lua`) | the limit, and a TTL |
| `session_waiters` | zset | refused session -> until when it is known to wait, server ms | threads, and a TTL |
| `seen` | string | server ms at which any worker last admitted or renewed | one |
| `clock` | string | server ms at which a producer last put a job on the schedule (`leeward/wire/scripts/parts/clock.lua`) | one |

`leeward:{once}:once:<key>` is a hash of `leeward.once`: `fingerprint`, `state`, `token`, `until`, `answer`; it has a TTL.

`leeward:{fleet}:event_stream` and `leeward:{fleet}:emitted:<what>` are those of events that belong to no provider.

What is the whole fleet's has no hash tag; each command names one of these keys:

| key | type | holds | bounded by |
|---|---|---|---|
| `leeward:queues` | set | every queue name ever declared | queues |
| `leeward:kinds` | hash | `<kind>@<version>` -> JSON (`leeward.record.PublishedKind`); `revision`, new with a change | kinds ever served |
| `leeward:catalogue:<digest>` | string | JSON (`leeward.record.Catalogue`): what one build of a worker serves | its TTL, an hour |
| `leeward:erasure_key` | string | keys the hashes of persons whose data was erased | one |
| `leeward:workers` | zset | `<process> <digest of its catalogue>` -> latest heartbeat, server ms | processes of the last minute |

Kinds never expire: dead letters and waiting jobs outlive the workers that know their kind.
"""

from dataclasses import dataclass
from functools import lru_cache

from leeward.jobs.priority import Priority

QUEUES = "leeward:queues"

PUBLISHED_KINDS = "leeward:kinds"

WORKERS = "leeward:workers"
"""Sorted set of the worker processes that live, with what they serve."""

WAKE_ALL = "leeward:wake"
"""Channel that wakes every worker process."""

DEAD_ADDED = "leeward:dead"
"""Channel that says which provider's outbox has something new."""

EVENT_ADDED = "leeward:event"
"""Channel that says which provider's event stream has something new."""


def wake_channel(process: str) -> str:
    """The channel that wakes one worker process because a queue has work. The scripts build the same name."""
    return f"leeward:wake:{process}"


def catalogue_key(digest: str) -> str:
    """Where a catalogue with this content is."""
    return f"leeward:catalogue:{digest}"


def place(queue: str, priority: Priority | str, partition: str = "") -> str:
    """The name of the lane of a queue, or of a partition in it, where a job waits."""
    return f"{queue}:{priority}:{partition}" if partition else f"{queue}:{priority}"


@lru_cache(maxsize=1024)
def root_of(provider: str) -> str:
    """What the names of all keys of a provider begin with."""
    return f"leeward:{{{provider}}}:"


@dataclass(frozen=True, slots=True)
class ProviderKeys:
    """The key names of one provider."""

    provider: str

    @property
    def root(self) -> str:
        return root_of(self.provider)

    @property
    def jobs(self) -> str:
        return self.root + "jobs"

    @property
    def places(self) -> str:
        return self.root + "places"

    @property
    def scheduled(self) -> str:
        return self.root + "scheduled"

    @property
    def leases(self) -> str:
        return self.root + "leases"

    @property
    def deliveries(self) -> str:
        return self.root + "deliveries"

    @property
    def expiries(self) -> str:
        return self.root + "expiries"

    @property
    def suspects(self) -> str:
        return self.root + "suspects"

    @property
    def begun(self) -> str:
        return self.root + "begun"

    @property
    def progress(self) -> str:
        return self.root + "progress"

    @property
    def cancelling(self) -> str:
        return self.root + "cancelling"

    @property
    def handovers(self) -> str:
        return self.root + "handovers"

    @property
    def dead(self) -> str:
        return self.root + "dead"

    @property
    def paused(self) -> str:
        return self.root + "paused"

    @property
    def seen(self) -> str:
        return self.root + "seen"

    @property
    def relayed(self) -> str:
        return self.root + "relayed"

    @property
    def sessions(self) -> str:
        return self.root + "sessions"

    @property
    def health(self) -> str:
        return self.root + "health"

    @property
    def monitors(self) -> str:
        return self.root + "monitors"

    @property
    def guards(self) -> str:
        return self.root + "guards"

    @property
    def overrides(self) -> str:
        return self.root + "overrides"

    @property
    def circuit(self) -> str:
        return self.root + "circuit"

    @property
    def adaptive(self) -> str:
        return self.root + "adaptive"

    @property
    def admitted(self) -> str:
        return self.root + "admitted"

    @property
    def probes(self) -> str:
        return self.root + "probes"

    @property
    def sick(self) -> str:
        return self.root + "sick"

    @property
    def workers(self) -> str:
        return self.root + "workers"

    @property
    def counts(self) -> str:
        return self.root + "counts"

    @property
    def totals(self) -> str:
        return self.root + "totals"

    @property
    def events(self) -> str:
        return self.root + "events"

    @property
    def event_stream(self) -> str:
        return self.root + "event_stream"

    @property
    def event_cursors(self) -> str:
        return self.root + "event_cursors"

    def ready(self, queue: str, priority: Priority | str) -> str:
        return f"{self.root}ready:{place(queue, priority)}"

    def suspects_of(self, queue: str) -> str:
        return f"{self.root}suspects:{queue}"

    def key(self, idempotency_key: str) -> str:
        return f"{self.root}key:{idempotency_key}"

    def done(self, hour: int) -> str:
        return f"{self.root}done:{hour}"

    def batch(self, batch_id: str) -> str:
        return f"{self.root}batch:{batch_id}"

    def sent(self, handover: str) -> str:
        return f"{self.root}sent:{handover}"

    def corrected(self, dead_letter_id: str) -> str:
        return f"{self.root}corrected:{dead_letter_id}"

    def outcome(self, job_id: str) -> str:
        return f"{self.root}outcome:{job_id}"
