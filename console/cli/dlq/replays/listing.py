"""What `leeward dlq replays` shows of each replay."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from console.cli.dlq.replays.documents import counts_document, counts_text, replay_document
from console.cli.terminal.tables.listing import Column, Listing

if TYPE_CHECKING:
    from leeward_admin import ItemOutcome, Replay


@dataclass(frozen=True, slots=True)
class ReplayRow:
    """A replay, and how many of its items have each outcome."""

    replay: "Replay"
    counts: "Mapping[ItemOutcome, int]"


REPLAYS: Listing[ReplayRow] = Listing(
    name="replays",
    columns=(
        Column(key="replay", value=lambda row: row.replay.id, short=True),
        Column(key="created_at", heading="made", value=lambda row: row.replay.created_at),
        Column(key="state", value=lambda row: row.replay.state),
        Column(key="letters", value=lambda row: row.replay.letters),
        Column(
            key="counts",
            heading="outcomes",
            value=lambda row: counts_document(row.counts),
            text=lambda row: counts_text(row.counts),
            cut=True,
        ),
        Column(key="who", value=lambda row: row.replay.who, wide=True),
        Column(key="note", value=lambda row: row.replay.note, wide=True),
        Column(key="cause", value=lambda row: row.replay.cause, cut=True),
    ),
    more=lambda row: replay_document(row.replay),
)
