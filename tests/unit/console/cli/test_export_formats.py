import csv
import io
import json

import pytest

from console.cli.dlq.transfer.export_formats import COLUMNS, comma_separated, json_lines


def cells(**document: object) -> dict[str, str]:
    """The row of a document as a reader of CSV sees it."""
    written = "".join(comma_separated([document]))
    assert written.endswith("\r\n")
    head, row = list(csv.reader(io.StringIO(written, newline="")))
    assert tuple(head) == COLUMNS
    return dict(zip(head, row, strict=True))


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1", "|calc"])  # noqa: RUF001
def test_what_a_spreadsheet_would_run_is_text(text: str) -> None:
    row = cells(error_message=text, owner=text, tenant=text)

    assert row["error_message"] == row["owner"] == row["tenant"] == f"'{text}"


@pytest.mark.parametrize("text", ['a "quoted", word', "two\nlines", "a,b;c", "plain"])
def test_other_text_is_read_back_as_it_was(text: str) -> None:
    assert cells(note=text)["note"] == text


def test_values_that_are_no_text_have_one_form() -> None:
    row = cells(attempts=5, hold=True, payload={"user": "é"}, owner=None)

    assert (row["attempts"], row["hold"], row["payload"], row["owner"]) == ("5", "true", '{"user": "é"}', "")


def test_json_lines_are_one_object_a_line() -> None:
    assert [json.loads(line) for line in json_lines([{"a": "x\ny"}, {"b": 1}])] == [{"a": "x\ny"}, {"b": 1}]
