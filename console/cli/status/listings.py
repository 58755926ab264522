"""What `leeward status` and `leeward workers` show of providers, queues and workers."""

from typing import TYPE_CHECKING

from console.cli.terminal.tables.listing import Column, Listing, Tone

if TYPE_CHECKING:
    from leeward_admin import ProviderStatus, QueueStatus, WorkerStatus

_TONES = {
    "working": Tone.GOOD,
    "active": Tone.PLAIN,
    "probing": Tone.WARNING,
    "forced": Tone.WARNING,
    "observed": Tone.WARNING,
    "held": Tone.WARNING,
    "paused": Tone.WARNING,
    "disabled": Tone.WARNING,
    "draining": Tone.WARNING,
}
"""Of states; any other is bad."""

PROVIDERS: "Listing[ProviderStatus]" = Listing(
    name="providers",
    columns=(
        Column(key="provider", value=lambda one: one.provider, cut=True),
        Column(
            key="condition", heading="state", value=lambda one: one.condition, tone=lambda one: _tone(one.condition)
        ),
        Column(key="waiting", value=lambda one: one.waiting),
        Column(key="running", value=lambda one: one.running),
        Column(key="scheduled", value=lambda one: one.scheduled),
        Column(key="limit", value=lambda one: one.limit, text=lambda one: one.limit or None, wide=True),
        Column(key="until", value=lambda one: one.until),
        Column(key="why", value=lambda one: one.why, cut=True),
    ),
)

QUEUES: "Listing[QueueStatus]" = Listing(
    name="queues",
    columns=(
        Column(key="queue", value=lambda one: one.queue, cut=True),
        Column(
            key="state",
            value=lambda one: one.state,
            text=lambda one: one.state.replace("_", " "),
            tone=lambda one: _tone(one.state),
        ),
        Column(key="waiting", value=lambda one: one.waiting),
        Column(key="oldest_at", heading="oldest", value=lambda one: one.oldest_at),
        Column(key="arrivals_per_minute", heading="in/min", value=lambda one: one.arrivals_per_minute),
        Column(key="ended_per_minute", heading="out/min", value=lambda one: one.ended_per_minute),
        Column(key="provider", value=lambda one: one.provider, wide=True),
        Column(key="lanes", value=lambda one: one.lanes, wide=True),
        Column(key="internal", value=lambda one: one.internal, data=True),
    ),
)

WORKERS: "Listing[WorkerStatus]" = Listing(
    name="workers",
    columns=(
        Column(key="host", value=lambda one: one.host, cut=True),
        Column(key="pid", value=lambda one: one.pid, text=lambda one: None if one.pid is None else str(one.pid)),
        Column(key="state", value=lambda one: one.state, tone=lambda one: _tone(one.state)),
        Column(key="version", value=lambda one: one.release),
        Column(
            key="busy",
            value=lambda one: one.busy,
            text=lambda one: f"{one.busy} of {one.threads}" if one.threads else None,
        ),
        Column(key="threads", value=lambda one: one.threads, data=True),
        Column(key="oldest_job_seconds", heading="oldest job", value=lambda one: one.oldest),
        Column(key="up_seconds", heading="up", value=lambda one: one.up, wide=True),
        Column(key="seen_at", heading="seen", value=lambda one: one.seen_at),
        Column(key="queues", value=lambda one: list(one.queues), cut=True),
        Column(key="process", value=lambda one: one.process, data=True),
    ),
)


def _tone(state: str) -> Tone:
    return _TONES.get(state, Tone.BAD)
