"""What lists of jobs consist of."""

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from console.cli.terminal.tables.listing import Column, Listing, Tone

if TYPE_CHECKING:
    from leeward_admin import ListedJob


def _document(job: "ListedJob") -> dict[str, Any]:
    """An item of every list, whatever its state."""
    found = asdict(job)
    return {"priority": found.pop("lane") or None} | found | {"job": found.pop("job_id")}


_JOB: "Column[ListedJob]" = Column(key="job", value=lambda job: job.job_id, short=True)
_QUEUE: "Column[ListedJob]" = Column(key="queue", value=lambda job: job.queue, cut=True)
_KIND: "Column[ListedJob]" = Column(key="kind", value=lambda job: job.kind, cut=True)
_ENQUEUED: "Column[ListedJob]" = Column(key="enqueued_at", heading="enqueued", value=lambda job: job.enqueued_at)
_ATTEMPTS: "Column[ListedJob]" = Column(
    key="attempts", heading="failed", value=lambda job: job.attempts, text=lambda job: job.attempts or None
)
_PARTITION: "Column[ListedJob]" = Column(
    key="partition", value=lambda job: job.partition, text=lambda job: job.partition or None, cut=True
)
_TAGS: "Column[ListedJob]" = Column(
    key="tags", value=lambda job: list(job.tags), text=lambda job: ", ".join(job.tags) or None, wide=True
)
_LANE: "Column[ListedJob]" = Column(
    key="lane",
    value=lambda job: str(job.lane) or None,
    text=lambda job: "suspect" if job.suspect else job.lane,
    tone=lambda job: Tone.WARNING if job.suspect else Tone.PLAIN,
)
_COMMON = (_JOB, _QUEUE, _KIND)


def _listing(*columns: "Column[ListedJob]") -> "Listing[ListedJob]":
    return Listing(name="jobs", columns=(*_COMMON, *columns, _TAGS), more=_document)


LISTINGS: "dict[str, Listing[ListedJob]]" = {
    "waiting": _listing(_LANE, _PARTITION, _ENQUEUED, _ATTEMPTS),
    "scheduled": _listing(Column(key="due", value=lambda job: job.due), _PARTITION, _ENQUEUED, _ATTEMPTS),
    "running": _listing(Column(key="worker", value=lambda job: job.worker, cut=True), _PARTITION, _ENQUEUED, _ATTEMPTS),
    "ended": _listing(
        Column(
            key="state",
            value=lambda job: job.state,
            tone=lambda job: Tone.BAD if job.state == "dead" else Tone.PLAIN,
        ),
        Column(key="ended_at", heading="ended", value=lambda job: job.ended_at),
        Column(key="reason", value=lambda job: job.reason),
    ),
}
"""By state. The first four columns fit any terminal; JSON has every member of a job in all of them."""
