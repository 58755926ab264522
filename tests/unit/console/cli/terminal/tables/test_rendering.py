"""One declaration of a listing gives its table, its lines, its JSON and its CSV."""

import csv
import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from console.cli.terminal.screen import Form, Screen
from console.cli.terminal.tables.listing import Column, Listing, Tone
from console.cli.terminal.tables.rendering import Look, csv_text, tabbed_lines, table_lines

NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)


@dataclass(frozen=True)
class Parcel:
    id: str
    sent: datetime
    weight: int
    sizes: dict[str, int]
    took: timedelta
    note: str | None = None


PARCELS: Listing[Parcel] = Listing(
    name="parcels",
    columns=(
        Column(key="id", value=lambda one: one.id, short=True),
        Column(key="sent_at", heading="sent", value=lambda one: one.sent),
        Column(key="weight", value=lambda one: one.weight, tone=lambda _: Tone.BAD),
        Column(key="sizes", value=lambda one: one.sizes, text=lambda one: sum(one.sizes.values()), heading="size"),
        Column(key="took_seconds", heading="took", value=lambda one: one.took, wide=True),
        Column(key="note", value=lambda one: one.note, cut=True),
        Column(key="flag", value=lambda _: True, data=True),
    ),
)
ROWS = [
    Parcel("787e6768-3b5c-431d-8532-f5a013c11e57", NOW - timedelta(minutes=3), 12_000, {"a": 1, "b": 2}, timedelta(seconds=90)),
    Parcel("99999999-3b5c-431d-8532-f5a013c11e57", NOW + timedelta(hours=2), 7, {"a": 5, "b": 0}, timedelta(0), "=1+1 " * 30),
]  # fmt: skip


def lines(width: int = 80, **look: Any) -> list[str]:
    return table_lines(PARCELS, ROWS, Look(width=width, **look), now=NOW)


def test_a_table_has_short_ids_relative_times_grouped_numbers_and_fits() -> None:
    head, first, second = lines()

    assert head.split() == ["ID", "SENT", "WEIGHT", "SIZE", "NOTE"]
    assert first.split() == ["787e6768", "3m", "ago", "12,000", "3", "-"]
    assert second.split()[:3] == ["99999999", "in", "2h"]
    assert second.endswith("…")
    assert max(map(len, lines())) == 80


def test_a_wide_table_has_everything_whole() -> None:
    head, first, second = lines(wide=True)

    assert "TOOK" in head.split()
    assert ROWS[0].id in first
    assert "2026-11-30 11:57:00Z" in first
    assert second.endswith(("=1+1 " * 30).rstrip())


def test_a_number_is_never_cut_and_a_terminal_without_room_gets_paragraphs() -> None:
    assert "12,000" in lines(width=48)[1]
    assert lines(width=24)[:2] == ["id: 787e6768", "sent: 3m ago"]


def test_colours_are_around_the_text_and_do_not_count() -> None:
    coloured, plain = lines(colours=True), lines()

    assert "\x1b[31m" in coloured[1]
    assert [len(line) for line in plain] == [len(__import__("click").unstyle(line)) for line in coloured]


def test_a_pipe_gets_whole_values_with_tabs() -> None:
    head, first, *_ = tabbed_lines(PARCELS, ROWS)

    assert head == "id\tsent\tweight\tsize\ttook\tnote"
    assert first == f"{ROWS[0].id}\t2026-11-30 11:57:00Z\t12000\t3\t1m\t-"


def test_csv_has_the_keys_of_json_and_no_formula() -> None:
    head, first, second = csv.reader(csv_text(PARCELS, ROWS))

    assert head == ["id", "sent_at", "weight", "sizes.a", "sizes.b", "took_seconds", "note", "flag"]
    assert first == [ROWS[0].id, "2026-11-30T11:57:00+00:00", "12000", "1", "2", "90.0", "", "true"]
    assert second[6].startswith("'=1+1")


def test_csv_without_rows_is_its_head() -> None:
    assert list(csv_text(PARCELS, [])) == ["id,sent_at,weight,sizes,took_seconds,note,flag\r\n"]


def test_json_has_stable_keys_and_what_is_beside_the_rows(capsys: pytest.CaptureFixture[str]) -> None:
    Screen(Form.JSON).listing(PARCELS, ROWS[:1], beside={"next": None})

    document = json.loads(capsys.readouterr().out)
    assert document["next"] is None
    assert document["parcels"] == [
        {
            "id": ROWS[0].id,
            "sent_at": "2026-11-30T11:57:00+00:00",
            "weight": 12_000,
            "sizes": {"a": 1, "b": 2},
            "took_seconds": 90.0,
            "note": None,
            "flag": True,
        }
    ]


def test_people_read_that_there_is_nothing_and_programs_get_an_empty_list(capsys: pytest.CaptureFixture[str]) -> None:
    Screen(Form.TABLE).listing(PARCELS, [], empty="No parcel.")
    Screen(Form.JSON).listing(PARCELS, [], empty="No parcel.")

    captured = capsys.readouterr()
    assert captured.err == "No parcel.\n"
    assert json.loads(captured.out) == {"parcels": []}


def test_texts_that_wrap_continue_below_in_their_column() -> None:
    listing: Listing[str] = Listing(
        name="", columns=(Column(key="name", value=lambda _: "x"), Column(key="text", value=str, wrap=True))
    )

    shown = table_lines(listing, ["some words that do not fit on one line"], Look(width=24), now=NOW)

    assert shown[0] == "NAME  TEXT"
    assert "".join(shown[1:]).split() == ["x", *["some", "words", "that", "do", "not", "fit", "on", "one", "line"]]
    assert all(line.startswith("      ") for line in shown[2:])
    assert max(map(len, shown)) <= 24
