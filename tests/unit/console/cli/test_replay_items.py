"""How the items of a replay are shown."""

from uuid import UUID

import pytest

from console.cli.dlq.replays.replay_output import show_items
from console.cli.terminal.screen import Form, Screen
from leeward_admin import Item, ItemOutcome

ITEMS = [
    Item(
        position=position,
        dead_letter_id=UUID(f"01a22f0e-{position:04d}-7e44-ae5c-9c1e72acae83"),
        provider="smtp",
        outcome=outcome,
        job_id=f"{position}15e9fc3-496e-4b46-b0db-81c4ed9ca560",
        successor=UUID(f"01a22f11-{position:04d}-7758-be9d-bb42d812feec"),
        why=None,
        queued_at=None,
        ended_at=None,
    )
    for position, outcome in enumerate([ItemOutcome.DEAD_AGAIN, ItemOutcome.DONE], start=1)
]


def test_items_have_short_ids_below_each_other_for_people(capsys: pytest.CaptureFixture[str]) -> None:
    show_items(Screen(Form.TABLE), ITEMS)

    assert capsys.readouterr().out.splitlines() == [
        "01a22f0e-0001  dead_again  115e9fc3  01a22f11-0001",
        "01a22f0e-0002  done        215e9fc3  01a22f11-0002",
    ]


def test_items_have_whole_ids_in_a_pipe(capsys: pytest.CaptureFixture[str]) -> None:
    show_items(Screen(), ITEMS[:1])

    whole = ["01a22f0e-0001-7e44-ae5c-9c1e72acae83", "dead_again", "115e9fc3-496e-4b46-b0db-81c4ed9ca560"]
    assert capsys.readouterr().out.rstrip("\n").split("\t")[:3] == whole
