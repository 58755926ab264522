"""Exports and imports from the command line."""

import csv
import json
import signal
import stat
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Connection

from console.cli.exit_code import ExitCode
from tests.acceptance.console.leeward import LEEWARD, Command
from tests.integration.storage.rows import failing_with, keep, letter
from tests.support.servers import fresh_database
from tests.support.waiting import wait_until
from workers.embedded import EmbeddedPostgres


@pytest.fixture
def elsewhere(
    postgres_server: EmbeddedPostgres, _migrated_template: str, valkey_url: str, tmp_path: Path
) -> Iterator[Command]:
    """Another installation with an empty database."""
    with fresh_database(postgres_server.url, template=_migrated_template) as url:
        yield Command({"LEEWARD_VALKEY_URL": valkey_url, "LEEWARD_DATABASE_URL": url}, tmp_path)


def test_an_export_is_json_lines_on_standard_output_or_in_a_private_file(
    leeward: Command, connection: Connection, tmp_path: Path
) -> None:
    ids = [str(id_) for id_ in keep(connection, *(letter(n) for n in range(3)))]

    assert [line["id"] for line in leeward("dlq", "export").lines()] == ids
    told = leeward("dlq", "export", "--output", "letters.jsonl", "--json").json()
    assert told == {"file": "letters.jsonl", "format": "jsonl", "dead_letters": 3}
    file = tmp_path / "letters.jsonl"
    assert [json.loads(line)["id"] for line in file.read_text().splitlines()] == ids
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    refused = leeward("dlq", "export", "--output", "letters.jsonl", expect=ExitCode.FAILED)
    assert "letters.jsonl exists" in refused.err
    assert [each.name for each in tmp_path.iterdir()] == ["letters.jsonl"]


def test_an_export_to_a_spreadsheet_runs_nothing_there(
    leeward: Command, connection: Connection, tmp_path: Path
) -> None:
    keep(connection, letter(1, error=failing_with("E", '=HYPERLINK("http://x","y")')))

    leeward("dlq", "export", "--format", "csv", "--output", "letters.csv")

    with (tmp_path / "letters.csv").open(encoding="utf-8", newline="") as file:
        (row,) = csv.DictReader(file)
    assert row["error_message"] == '\'=HYPERLINK("http://x","y")'
    assert json.loads(row["payload"])["user"] == "user-1"
    assert leeward("dlq", "export", "--format", "csv").out.startswith("id,state,reason,")


def test_an_export_that_is_stopped_leaves_no_file(leeward: Command, connection: Connection, tmp_path: Path) -> None:
    keep(connection, *(letter(number) for number in range(20)))
    lock = connection.begin()
    connection.exec_driver_sql("LOCK TABLE dead_letters IN ACCESS EXCLUSIVE MODE")
    with subprocess.Popen(
        [LEEWARD, "dlq", "export", "--output", "letters.jsonl"],
        env=leeward.environment,
        cwd=tmp_path,
        stderr=subprocess.PIPE,
    ) as process:
        wait_until(lambda: list(tmp_path.glob("*.partial")), description="the export to begin its file", timeout=60)
        process.send_signal(signal.SIGINT)
        lock.rollback()
        process.communicate(timeout=60)

    assert process.returncode in {ExitCode.INTERRUPTED, ExitCode.OK}
    if process.returncode == ExitCode.INTERRUPTED:
        assert list(tmp_path.iterdir()) == []


def test_an_export_is_imported_once_on_another_installation(
    leeward: Command, elsewhere: Command, connection: Connection
) -> None:
    ids = [str(id_) for id_ in keep(connection, *(letter(n) for n in range(3)))]
    leeward("dlq", "note", ids[0], "--note", "from there")
    leeward("dlq", "export", "--output", "letters.jsonl")

    first = elsewhere("dlq", "import", "letters.jsonl")
    again = elsewhere("dlq", "import", "letters.jsonl", "--json").lines()

    assert "3 imported, 0 here already, 0 invalid." in first.out
    assert "3 are of the provider jellyfin, which has no queue here" in first.err
    assert again[-1] == {"summary": {"imported": 0, "known": 3, "invalid": 0, "unknown_providers": {}}}
    there, here = (leeward("dlq", "export").lines(), elsewhere("dlq", "export").lines())
    assert [row["id"] for row in here] == ids
    assert [row | {"created_at": ""} for row in here] == [row | {"created_at": ""} for row in there]
    assert elsewhere("dlq", "show", ids[0], "--json").json()["events"][0]["event"] == "imported"


def test_bad_lines_are_numbered_and_the_exit_code_says_so(
    elsewhere: Command, leeward: Command, connection: Connection
) -> None:
    keep(connection, letter(1))
    (good,) = leeward("dlq", "export").out.splitlines()

    answer = elsewhere("dlq", "import", "-", stdin=f'{{"id": 1}}\n{good}\nnonsense\n', expect=ExitCode.FAILED)

    assert "line 1: " in answer.err
    assert "line 3: no JSON" in answer.err
    assert "1 imported, 0 here already, 2 invalid." in answer.out
