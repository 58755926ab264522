"""`leeward dlq groups`, `group` and `stats`: for people, pipes and programs."""

import json
import shlex
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import redis
from sqlalchemy import Connection

from broker.guards.config import GuardConfig
from broker.guards.store import Guards
from console.cli.exit_code import ExitCode
from leeward import SendEmail, SyncUser
from leeward.wire.keys import ProviderKeys
from storage.dead_letters.intake.insert import insert_many
from storage.dead_letters.intake.new_letter import DeadLetter
from storage.dead_letters.triage.decisions import discard
from tests.acceptance.console.leeward import Command
from tests.unit.storage.dead_letters.intake.dead_entries import dead_fields, message_of

HOSTILE = "\x1b]0;owned\x07 broken"


def died(number: int, said: str, *, hours_ago: float = 0, tenant: str = "acme", **error: Any) -> DeadLetter:
    died_ms = round((datetime.now(UTC) - timedelta(hours=hours_ago)).timestamp() * 1000)
    message = message_of(SyncUser(user=f"user-{number}"), message_id=f"job-{number}", options={"tenant": tenant})
    told = {"type": "Transient", "message": said, "operation": "create_user"} | error
    fields = dead_fields(message, died_at=str(died_ms), error=json.dumps(told))
    return DeadLetter.from_outbox("jellyfin", f"{died_ms}-{number}", fields)


@pytest.fixture
def letters(connection: Connection) -> list[DeadLetter]:
    """Three of an outage some hours ago, two of a bug just now, one with a text that wants to steer the terminal."""
    made = [died(n, f"503 for 'user-{n}'", hours_ago=5, status=503) for n in range(3)]
    made += [died(10 + n, "'Policy'", type="KeyError", tenant=f"t-{n}") for n in range(2)]
    made.append(died(20, HOSTILE, type="Permanent"))
    with connection.begin():
        insert_many(connection, made)
    return made


@pytest.mark.usefixtures("letters")
def test_groups_are_rows_with_their_trend_and_cause(leeward: Command) -> None:
    head, *rows = [line.split("\t") for line in leeward("dlq", "groups").out.splitlines()]

    assert head == ["group", "open", "all", "last", "48 h", "trend", "where", "error", "cause"]
    assert [row[1:3] for row in rows] == [["3", "3"], ["2", "2"], ["1", "1"]]
    assert all(row[3].endswith("Z") for row in rows)
    assert rows[0][5:] == ["new", "jellyfin create_user", "Transient: 503 for '<user>'", "outage"]
    assert [row[8] for row in rows[1:]] == ["bug", "bad_input"]
    assert "█" in rows[0][4]
    assert "\\x1b]<number>;owned\\x07 broken" in rows[2][7]


def test_groups_in_json_hold_everything(leeward: Command, letters: list[DeadLetter]) -> None:
    document = leeward("dlq", "groups", "--json").json()

    first = document["groups"][0]
    assert first["fingerprint"] == letters[0].failure.fingerprint
    assert (first["open"], first["total"], first["states"]["failed"], first["status"]) == (3, 3, 3, 503)
    assert sum(first["deaths_by_hour"]) == 3
    assert len(first["deaths_by_hour"]) == 48
    assert first["sample"] == str(max(letter.id for letter in letters[:3]))
    assert first["suggestion"]["cause"] == "outage"
    assert (document["next"], document["ungrouped"]) == (None, 0)


@pytest.mark.usefixtures("letters")
def test_groups_can_be_chosen_ordered_and_paged(leeward: Command) -> None:
    seen: list[int] = []
    after: list[str] = []
    while True:
        page = leeward("dlq", "groups", "--order", "total", "--limit", "2", "--json", *after).json()
        seen += [group["total"] for group in page["groups"]]
        if page["next"] is None:
            break
        after = ["--after", page["next"]]

    assert seen == [3, 2, 1]
    assert "--after open,2," in leeward("dlq", "groups", "--limit", "2").err
    for conditions, groups in ((["--error-type", "KeyError"], 1), (["--since", "2h"], 2), (["--provider", "plex"], 0)):
        assert len(leeward("dlq", "groups", *conditions, "--json").json()["groups"]) == groups
    assert "copy the `next`" in leeward("dlq", "groups", "--after", "x", expect=ExitCode.USAGE).err
    for nothing in (["groups"], ["replay"], ["discard", "--note", "x"]):
        assert "There is no provider plex: the fleet has" in leeward("dlq", *nothing, "--provider", "plex").err


@pytest.mark.usefixtures("letters")
def test_a_terminal_that_has_no_blocks_gets_ascii(leeward: Command) -> None:
    fingerprint = leeward("dlq", "groups", "--json").json()["groups"][0]["fingerprint"]
    _, blocks = leeward.on_a_terminal("dlq", "group", fingerprint)
    leeward.environment |= {"PYTHONIOENCODING": "ascii"}
    _, ascii_ = leeward.on_a_terminal("dlq", "group", fingerprint)

    assert "█" in blocks
    assert "@" in ascii_
    assert ascii_.isascii()


def test_a_group_says_whom_it_touches_and_what_to_do(leeward: Command, letters: list[DeadLetter]) -> None:
    fingerprint = letters[3].failure.fingerprint
    shown = leeward.installed("dlq", "group", fingerprint).out
    document = leeward("dlq", "group", fingerprint, "--json").json()

    assert "2 in all, 2 open: 2 failed" in shown
    assert "tenants:    t-0 (1), t-1 (1)" in shown
    assert f"sample:     leeward dlq show {max(letter.id for letter in letters[3:5])}" in shown
    assert "read the traceback, fix the code, deploy it, then replay." in shown
    assert f"\n    leeward dlq replay --fingerprint {fingerprint} --dry-run" in shown
    assert document["tenants"] == {
        "in_all": 2,
        "most_letters": [{"name": "t-0", "letters": 1}, {"name": "t-1", "letters": 1}],
    }
    assert document["owners"] == []


def test_a_group_says_who_looks_after_it_and_that_nothing_is_to_be_done_when_all_is_decided(
    leeward: Command, letters: list[DeadLetter]
) -> None:
    fingerprint = letters[3].failure.fingerprint
    leeward("dlq", "assign", letters[3].id, "--to", "ada")

    assert "owners:     ada (1)" in leeward("dlq", "group", fingerprint).out
    assert leeward("dlq", "group", fingerprint, "--json").json()["owners"] == [{"name": "ada", "letters": 1}]
    leeward("dlq", "discard", "--fingerprint", fingerprint, "--note", "no", "--yes")
    decided = leeward("dlq", "group", fingerprint).out
    assert "next:       Nothing: none of its letters is open any more." in decided
    assert "owners:" not in decided


def test_a_group_that_is_none_is_told(leeward: Command) -> None:
    assert "leeward dlq groups" in leeward("dlq", "group", "1234", expect=ExitCode.NOT_FOUND).err


def test_groups_of_nothing_say_so(leeward: Command) -> None:
    assert leeward("dlq", "groups").err.strip() == "No group of dead letters matches."
    assert "Nothing needs attention." in leeward("dlq", "stats").out


def test_stats_tell_rates_ages_and_what_needs_somebody(
    leeward: Command, letters: list[DeadLetter], valkey: "redis.Redis"
) -> None:
    Guards(valkey, "jellyfin").declare(GuardConfig())
    leeward("enqueue", "sync.user", "--set", "user=alice")
    out = leeward("dlq", "stats").out
    document = leeward("dlq", "stats", "--json").json()

    assert "jellyfin\tcreate_user\t" in out
    assert "failed\t3\t3\t0\t0\t0" in out
    why = "2 open, 2 of the group died in the last 6 hours: create_user of jellyfin, KeyError: 'Policy'"
    assert f"- new group: {why}\n    leeward dlq group {letters[3].failure.fingerprint}" in out
    day = document["deaths"][0]["rates"][1]
    assert (day["span_seconds"], day["letters"], day["usual_per_hour"]) == (86_400, 6, 0.0)
    assert document["healthy_providers"] == ["jellyfin"]
    ready = [one for one in document["attention"] if one["need"] == "ready_to_replay"]
    assert [one["fingerprint"] for one in ready] == [letters[0].failure.fingerprint]


def test_stats_tell_which_share_of_what_ended_died(
    leeward: Command, connection: Connection, valkey: "redis.Redis"
) -> None:
    with connection.begin():
        insert_many(connection, [died(1, "503"), died(2, "503", operation="share"), died(3, "503", hours_ago=5)])
    leeward("enqueue", "sync.user", "--set", "user=alice")
    hour = round(datetime.now(UTC).timestamp()) // 3600
    valkey.mset({ProviderKeys("jellyfin").done(hour - 1): 700, ProviderKeys("jellyfin").done(hour): 98})

    out = leeward("dlq", "stats").out
    document = leeward("dlq", "stats", "--json").json()

    assert "jellyfin\tcreate_user\t0.12% (1 of 800)\t0.12% (1 of 800)\t0.12% (1 of 800)" in out
    assert "jellyfin\tcreate_user\t1 (" in out
    share = document["shares"][1]
    assert (share["operation"], share["parts"][0]) == (
        "share",
        {"span_seconds": 3_600, "died": 1, "ended": 800, "share": 1 / 800},
    )
    assert datetime.fromisoformat(share["counted_since"]).timestamp() == (hour - 1) * 3600


def test_stats_without_valkey_say_what_is_unknown(database_url: str, connection: Connection, tmp_path: Path) -> None:
    with connection.begin():
        insert_many(connection, [died(1, "503", hours_ago=5)])
    leeward = Command({"LEEWARD_DATABASE_URL": database_url, "LEEWARD_VALKEY_URL": "redis://127.0.0.1:1/0"}, tmp_path)

    answer = leeward("dlq", "stats")

    assert "Valkey does not answer" in answer.err
    assert "ready to replay" not in answer.out
    document = leeward("dlq", "stats", "--json").json()
    assert document["healthy_providers"] is document["shares"] is None


def test_what_was_discarded_is_open_no_more(
    leeward: Command, letters: list[DeadLetter], connection: Connection
) -> None:
    with connection.begin():
        for letter in letters[:3]:
            discard(connection, letter.id, 1, who="ada", note="no")

    assert len(leeward("dlq", "groups", "--json").json()["groups"]) == 2
    assert len(leeward("dlq", "groups", "--any-state", "--json").json()["groups"]) == 3


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (
            {"type": "Permanent", "message": "550 5.1.1 no such user", "operation": "rcpt_to", "effect": "none"},
            "permanent",
        ),
        ({"type": "Permanent", "message": "550 5.1.1 no such user", "operation": "rcpt_to"}, "permanent"),
        ({"type": "Transient", "message": "421 busy", "operation": "final_dot", "effect": "open"}, "exhausted"),
        ({"type": "Ambiguous", "message": "no answer", "operation": "final_dot", "effect": "open"}, "unknown_outcome"),
    ],
)
def test_the_replay_that_a_group_of_mails_suggests_works_as_it_stands(
    error: dict[str, Any], reason: str, leeward: Command, connection: Connection
) -> None:
    mail = message_of(SendEmail(to=("ada@example.org",), subject="hello", text="hello"))
    fields = dead_fields(mail, queue="email.smtp", reason=reason, error=json.dumps(error))
    with connection.begin():
        insert_many(connection, [DeadLetter.from_outbox("smtp", "1790000000000-0", fields)])

    (group,) = leeward("dlq", "groups", "--json").json()["groups"]
    (command,) = [each for each in group["suggestion"]["commands"] if each.startswith("leeward dlq replay")]
    told = leeward(*shlex.split(command)[1:], *([] if "--dry-run" in command else ["--dry-run"]), "--json").json()

    assert (told["would_replay"], told["would_refuse"], told["held_back"]) == (1, 0, 0)
    assert "replay" in {action["kind"] for action in group["suggestion"]["actions"]}
    assert ("--unsafe-ok" in command) == (reason != "unknown_outcome" and error.get("effect") != "none")
