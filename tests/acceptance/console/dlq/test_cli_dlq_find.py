"""Finding dead letters, deciding about them and correcting them from the command line."""

import json
from datetime import UTC, datetime
from uuid import UUID

import pytest
from sqlalchemy import Connection

from console.cli.exit_code import ExitCode
from leeward import SyncUser
from storage.dead_letters.triage.decisions import review
from tests.acceptance.console.leeward import Command
from tests.integration.storage.rows import failing_with, keep, letter
from tests.unit.storage.dead_letters.intake.dead_entries import message_of

SECRET = "hunter2-hunter2"


@pytest.fixture
def ids(connection: Connection) -> list[str]:
    """Three dead letters, the oldest first."""
    acme = message_of(SyncUser(user="ada"), message_id="job-1", options={"tenant": "acme", "idempotency_key": "k-1"})
    return [
        str(id_)
        for id_ in keep(
            connection,
            letter(1, message=acme, error=failing_with("Refused", "quota of 5% exceeded")),
            letter(2, provider="emby", reason="invalid"),
            letter(3),
        )
    ]


def listed(leeward: Command, *conditions: object) -> list[str]:
    return [row["id"] for row in leeward("dlq", "list", *conditions, "--json").json()["dead_letters"]]


def test_each_condition_finds_what_it_says(leeward: Command, ids: list[str]) -> None:
    first, second, third = ids

    assert listed(leeward, "--tenant", "acme") == listed(leeward, "--text", "QUOTA exceeded") == [first]
    assert listed(leeward, "--error", "of 5%") == listed(leeward, "--text", "k-1 ada") == [first]
    assert listed(leeward, "--provider", "emby", "--provider", "plex", "--reason", "invalid") == [second]
    assert listed(leeward, "--operation", "create_user", "--provider", "jellyfin") == [third]
    assert listed(leeward, "--hold") == listed(leeward, "--text", "nowhere") == []
    assert len(listed(leeward, "--no-hold")) == 3
    page = leeward("dlq", "list", "--limit", 2, "--json").json()
    assert page["next"] == second
    assert listed(leeward, "--after", page["next"]) == [first]
    plain = leeward("dlq", "list", "--tenant", "acme").out.splitlines()
    assert plain[0].split("\t") == [
        "id",
        "died",
        "provider",
        "actor",
        "tenant",
        "reason",
        "state",
        "owner",
        "error",
    ]
    assert "acme" in plain[1]


def test_a_saved_filter_is_used_by_its_name_and_narrowed(leeward: Command, ids: list[str]) -> None:
    leeward("dlq", "filter", "save", "all-jellyfin", "--provider", "jellyfin", "--since", "5200w")

    assert listed(leeward, "--filter", "all-jellyfin") == [ids[2], ids[0]]
    assert listed(leeward, "--filter", "all-jellyfin", "--tenant", "acme") == [ids[0]]
    saved = leeward("dlq", "filter", "show", "all-jellyfin", "--json").json()
    assert saved["filter"] == {"providers": ["jellyfin"], "since": "5200w"}
    assert "all-jellyfin" in leeward("dlq", "filter", "list").out
    taken = leeward("dlq", "filter", "save", "all-jellyfin", "--provider", "emby", expect=ExitCode.CONFLICT)
    assert "--replace" in taken.err
    unknown = leeward("dlq", "list", "--filter", "all-jellyfn", expect=ExitCode.NOT_FOUND)
    assert "did you mean all-jellyfin?" in unknown.err
    discarded = leeward("dlq", "discard", "--filter", "all-jellyfin", "--note", "a test", "--yes", "--json").lines()
    assert {line["id"] for line in discarded} == {ids[0], ids[2]}
    leeward("dlq", "filter", "remove", "all-jellyfin")
    leeward("dlq", "filter", "show", "all-jellyfin", expect=ExitCode.NOT_FOUND)


def test_dead_letters_are_taken_on_handed_on_and_noted(leeward: Command, ids: list[str]) -> None:
    assert "1 taken on" in leeward("dlq", "review", ids[0]).out
    assert leeward("dlq", "assign", ids[0], "--to", "grace", "--json").lines()[0]["outcome"] == "assigned"
    leeward("dlq", "note", ids[0], "--note", "waits for the vendor")
    shown = leeward("dlq", "show", ids[0], "--json").json()
    assert (shown["state"], shown["owner"], shown["note"]) == ("reviewing", "grace", "waits for the vendor")
    assert [event["event"] for event in shown["events"]] == ["reviewed", "assigned", "noted"]
    assert listed(leeward, "--owner", "grace") == [ids[0]]

    many = ("dlq", "review", "--state", "failed")
    assert leeward(*many, "--dry-run", "--json").json()["total"] == 2
    assert "--yes" in leeward(*many, expect=ExitCode.USAGE).err
    assert len(leeward(*many, "--yes", "--json").lines()) == 2
    leeward("dlq", "assign", *ids[1:], "--nobody", "--yes")
    assert listed(leeward, "--state", "failed") == [ids[2], ids[1]]


def test_who_decides_on_an_old_version_is_told_who_was_faster(
    leeward: Command, connection: Connection, ids: list[str]
) -> None:
    with connection.begin():
        review(connection, UUID(ids[0]), 1, who="ada")

    late = leeward("dlq", "discard", ids[0], "--note", "n", "--version", 1, expect=ExitCode.CONFLICT)

    assert "ada: reviewed" in late.err
    assert "at version 2 (you had version 1)" in late.err
    assert leeward("dlq", "show", ids[0], "--json").json()["state"] == "reviewing"
    leeward("dlq", "discard", ids[0], "--note", "n", "--version", 2)


def test_a_payload_is_corrected_shown_and_put_back(leeward: Command, ids: list[str]) -> None:
    told = leeward("dlq", "edit", ids[0], "--set", "user=ada.lovelace", "--json").json()
    assert (told["version"], told["payload"]["user"]) == (2, "ada.lovelace")
    again = leeward("dlq", "edit", ids[0], "--payload", "-", stdin=json.dumps({"user": "x", "provider": "jellyfin"}))
    assert '"user": "x"' in again.out
    shown = leeward("dlq", "show", ids[0])
    assert '"user": "ada"' in shown.out
    assert "corrected payload, which a replay uses:" in shown.out
    leeward("dlq", "edit", ids[0], "--undo")
    after = leeward("dlq", "show", ids[0], "--json").json()
    assert (after["payload"]["user"], after["edited_payload"], after["version"]) == ("ada", None, 4)
    assert [event["event"] for event in after["events"]] == ["edited"] * 3


def test_a_correction_that_is_none_is_refused_without_showing_a_value(leeward: Command, ids: list[str]) -> None:
    for arguments, code, said in (
        (["--set", f"usr={SECRET}"], ExitCode.FAILED, "usr: no such field, did you mean user?"),
        (["--set", "password=[redacted]"], ExitCode.FAILED, "still lacks one (password)"),
        (["--set", f"state={SECRET}"], ExitCode.FAILED, "state: "),
        (["--undo"], ExitCode.FAILED, "nothing to undo"),
        ([], ExitCode.USAGE, "Give a change"),
        (["--set", "user=x", "--undo"], ExitCode.USAGE, "Give a change"),
        (["--set", "user=x", "--version", 7], ExitCode.CONFLICT, "you had version 7"),
    ):
        answer = leeward("dlq", "edit", ids[0], *arguments, expect=code)
        assert said in answer.err
        assert SECRET not in answer.err + answer.out
        assert len(answer.err.splitlines()) == 1


def test_the_payload_is_corrected_in_an_editor(leeward: Command, ids: list[str]) -> None:
    leeward.environment["EDITOR"] = "sed -i s/user-3/alicia/"

    leeward("dlq", "edit", ids[2], "--editor")

    assert leeward("dlq", "show", ids[2], "--json").json()["edited_payload"]["user"] == "alicia"


def test_past_attempts_are_shown_with_their_times_and_errors(leeward: Command, connection: Connection) -> None:
    at = datetime(2026, 5, 4, 12, 30, tzinfo=UTC)
    errors = [{"at": int(at.timestamp() * 1000), "delivery": 1, "type": "Timeout", "message": "no answer"}, "strange"]
    (id_,) = keep(connection, letter(9, message=message_of(options={"errors": errors, "tags": ["import", "vip"]})))

    assert "2026-05-04 12:30:00Z  delivery 1  Timeout: no answer" in leeward("dlq", "show", id_).out
    assert "tags:            import, vip" in leeward("dlq", "show", id_).out
    (attempt,) = leeward("dlq", "show", id_, "--json").json()["past_attempts"]
    assert attempt == {
        "at": at.isoformat(),
        "delivery": 1,
        "type": "Timeout",
        "message": "no answer",
        "code": None,
    }
