"""The dead letter queue from the command line."""

import json
import os
import subprocess
from datetime import timedelta
from pathlib import Path

from sqlalchemy import Connection

from console.cli.exit_code import ExitCode
from leeward import SyncUser
from tests.acceptance.console.leeward import LEEWARD, Command
from tests.integration.storage.rows import failing_with, keep, letter
from tests.integration.workers.background.replays.fleet import work
from tests.unit.storage.dead_letters.intake.dead_entries import message_of

HOSTILE = "\x1b]0;owned\x07\x1b[2J\u202e[red]no\n\tway[/red]"
SECRET = "hunter2-hunter2"


def test_dead_letters_are_listed_newest_first_in_pages_and_counted(leeward: Command, connection: Connection) -> None:
    ids = [
        str(id_)
        for id_ in keep(connection, *(letter(n) for n in range(5)), letter(9, provider="emby", reason="invalid"))
    ]

    first = leeward("dlq", "list", "--limit", 4, "--json").json()
    rest = leeward("dlq", "list", "--limit", 4, "--after", first["next"], "--json").json()

    assert [row["id"] for row in first["dead_letters"] + rest["dead_letters"]] == ids[::-1]
    assert rest["next"] is None
    counts = leeward("dlq", "list", "--counts", "--json").json()
    assert counts["total"] == 6
    assert counts["groups"][0] == {"provider": "jellyfin", "actor": "sync.user", "reason": "exhausted", "letters": 5}
    filtered = leeward(
        "dlq", "list", "--provider", "emby", "--reason", "invalid", "--since", "2020-01-01", "--json"
    ).json()
    assert [row["id"] for row in filtered["dead_letters"]] == ids[5:]
    assert leeward.installed("dlq", "list", "--until", "520w", "--json").json() == {"dead_letters": [], "next": None}


def test_a_dead_letter_is_shown_with_everything_and_without_secrets(leeward: Command, connection: Connection) -> None:
    job = SyncUser.model_validate({"user": "alice", "password": SECRET})
    error = failing_with("Transient", f"the password {SECRET} was not taken")
    (id_,) = keep(connection, letter(1, message=message_of(job), error=error))

    shown = leeward("dlq", "show", id_, "--json").json()
    plain = leeward("dlq", "show", id_).out

    assert shown["payload"] == {"provider": "jellyfin", "user": "alice", "state": "enabled", "password": "[redacted]"}
    assert (shown["state"], shown["replay_outcome"], shown["events"]) == ("failed", None, [])
    for said in (json.dumps(shown), plain, leeward("dlq", "list").out, leeward("dlq", "export").out):
        assert SECRET not in said
    assert "secrets are not kept" in plain


def test_what_strangers_wrote_cannot_speak_to_the_terminal(leeward: Command, connection: Connection) -> None:
    message = message_of(options={"request_id": HOSTILE, "idempotency_key": HOSTILE})
    (id_,) = keep(connection, letter(1, message=message, error=failing_with(HOSTILE, HOSTILE)))

    for arguments, columns in ((["dlq", "list"], 30), (["dlq", "list"], 120), (["dlq", "show", id_], 80)):
        code, shown = leeward.on_a_terminal(*arguments, columns=columns)
        assert code == 0
        assert "owned" in shown
        assert not any(part in shown for part in ("\x1b]0;", "\x1b[2J", "\u202e"))
    for piped in (leeward("dlq", "list").out, leeward("dlq", "show", id_).out):
        assert "owned" in piped
        assert not any(part in piped for part in ("\x1b", "\u202e"))
    assert leeward("dlq", "list", "--json").json()["dead_letters"][0]["error_message"] == HOSTILE


def _fails_for_user_2(job: SyncUser) -> None:
    if job.user == "user-2":
        raise ValueError("no such user")


def test_dead_letters_are_discarded_by_id_and_by_filter(leeward: Command, connection: Connection) -> None:
    one, *others = (str(id_) for id_ in keep(connection, *(letter(n) for n in range(4))))

    assert "1 discarded" in leeward("dlq", "discard", one, "--note", "no longer wanted").out
    again = leeward("dlq", "discard", one, "--note", "again", expect=ExitCode.CONFLICT)
    assert "is discarded" in again.err
    filtered = ("dlq", "discard", "--reason", "exhausted", "--note", "a test")
    assert leeward(*filtered, "--dry-run", "--json").json()["total"] == 3
    assert "--yes" in leeward(*filtered, expect=ExitCode.USAGE).err
    lines = leeward(*filtered, "--yes", "--json").lines()
    assert sorted(line["id"] for line in lines) == sorted(others)
    shown = leeward("dlq", "show", one, "--json").json()
    assert (shown["state"], shown["note"]) == ("discarded", "no longer wanted")
    assert shown["events"][0]["who"].startswith("cli:")


def test_a_reader_that_goes_away_ends_an_export_quietly(leeward: Command, connection: Connection) -> None:
    keep(connection, *(letter(number) for number in range(300)))
    command: list[str | Path] = [LEEWARD, "dlq", "export"]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdout=pipe, stderr=pipe, env=leeward.environment, cwd=leeward.folder) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        os.read(process.stdout.fileno(), 10)
        process.stdout.close()
        said = process.stderr.read()

    assert process.returncode == ExitCode.READER_GONE
    assert said == b""


def test_what_is_not_there_or_not_understood_has_its_exit_code(leeward: Command) -> None:
    nobody = "0199aaaa-0000-7000-8000-000000000001"
    for arguments, code, said in (
        (["show", nobody], ExitCode.NOT_FOUND, "there is no dead letter"),
        (["replay", nobody], ExitCode.NOT_FOUND, "there is no dead letter"),
        (["discard", nobody, "--note", "n"], ExitCode.NOT_FOUND, "there is no dead letter"),
        (["show", "x"], ExitCode.USAGE, "is not the id of a dead letter"),
        (["list", "--reason", "tired"], ExitCode.USAGE, "did you mean expired? There are exhausted"),
        (["list", "--since", "yesterday"], ExitCode.USAGE, "use for example 2026-01-31"),
        (["list", "--after", "x"], ExitCode.USAGE, "is not valid: copy the `next`"),
        (["replay"], ExitCode.USAGE, "Give ids"),
        (["discard", "--note", "n"], ExitCode.USAGE, "Give ids"),
        (["replay", "--state", "recovered"], ExitCode.USAGE, "cannot be replayed"),
        (["discard", "--state", "recovered", "--note", "n"], ExitCode.USAGE, "cannot be discarded"),
    ):
        answer = leeward("dlq", *arguments, expect=code)
        assert said in answer.err
        assert len(answer.err.splitlines()) == 1


def test_a_database_that_is_away_is_named_without_its_password(leeward: Command) -> None:
    leeward.environment["LEEWARD_DATABASE_URL"] = f"postgresql://ada:{SECRET}@127.0.0.1:1/leeward"

    answer = leeward("dlq", "list", expect=ExitCode.UNREACHABLE)

    assert "PostgreSQL at postgresql://[redacted]@127.0.0.1:1/leeward cannot be used" in answer.err
    assert SECRET not in answer.err
    assert len(answer.err.splitlines()) == 1


def test_spans_of_the_filters_count_back_from_now(leeward: Command, valkey_url: str) -> None:
    leeward("enqueue", "sync.user", "--set", "user=user-2")
    work(valkey_url, _fails_for_user_2)
    leeward("dlq", "replay", "--provider", "nobody")

    assert leeward("dlq", "list", "--since", "1h", "--json").json()["dead_letters"]
    assert not leeward("dlq", "list", "--until", f"{int(timedelta(hours=1).total_seconds())}s", "--json").json()[
        "dead_letters"
    ]
