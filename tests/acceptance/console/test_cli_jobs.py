"""Enqueueing, looking at jobs and queues, and stopping queues, from the command line."""

import json
from pathlib import Path

import pytest

from console.cli.exit_code import ExitCode
from tests.acceptance.console.leeward import Command


def test_a_job_is_enqueued_shown_and_cancelled(leeward: Command) -> None:
    enqueued = leeward(
        "enqueue", "sync.user", "--set", "user=alice", "--delay", "1h", "--priority", "bulk", "--json"
    ).json()
    assert enqueued["outcome"] == "enqueued"
    assert enqueued["queue"] == "sync.jellyfin"

    shown = leeward("job", "show", enqueued["job"], "--json").json()
    assert (shown["job"], shown["state"], shown["kind"]) == (enqueued["job"], "scheduled", "sync.user")
    assert leeward("job", "cancel", enqueued["job"], "--json").json()["state"] == "cancelled"

    refused = leeward("job", "cancel", enqueued["job"], expect=ExitCode.CONFLICT)
    assert "is cancelled and cannot be cancelled" in refused.err
    assert leeward.installed("job", "show", enqueued["job"]).out.splitlines()[2].split() == ["state:", "cancelled"]


def test_the_same_key_is_the_same_job_and_other_work_under_it_is_a_conflict(leeward: Command) -> None:
    alice = ("enqueue", "sync.user", "--set", "user=alice", "--key", "invite-17")
    first = leeward(*alice, "--json").json()
    second = leeward(*alice, "--json").json()

    assert (second["job"], second["outcome"]) == (first["job"], "duplicate")
    conflict = leeward("enqueue", "sync.user", "--set", "user=bob", "--key", "invite-17", expect=ExitCode.CONFLICT)
    assert first["job"] in conflict.err
    assert len(conflict.err.splitlines()) == 1


def test_a_payload_comes_from_a_file_or_standard_input(leeward: Command, tmp_path: Path) -> None:
    payload = json.dumps({"user": "alice", "password": "hunter2-hunter2"})
    (tmp_path / "alice.json").write_text(payload)

    for answer in (
        leeward("enqueue", "sync.user", "--json-file", "alice.json"),
        leeward.installed("enqueue", "sync.user", "--json-file", "-", stdin=payload),
    ):
        assert "is enqueued on sync.jellyfin" in answer.out
        assert "hunter2" not in answer.out + answer.err


def test_many_jobs_come_from_json_lines_and_each_line_is_answered(leeward: Command) -> None:
    alice = {"kind": "sync.user", "payload": {"user": "alice"}, "key": "a", "delay": "1h", "deadline": "2h"}
    lines = [
        json.dumps(alice),
        json.dumps(alice),
        json.dumps(alice | {"payload": {"user": "bob"}}),
        "",
        "{",
        json.dumps({"kind": "sync.user", "payload": {"usr": "x"}}),
        json.dumps({"kind": "sync.user", "payload": {"user": "carol"}, "priority": "urgent"}),
        json.dumps({"kind": "sync.user", "payload": {"user": "carol"}, "when": "now"}),
        json.dumps({"kind": "sync.user", "payload": [1]}),
        json.dumps(
            {"kind": "download.file", "payload": {"url": "https://example.org/a", "destination": "a"}, "key": "x" * 999}
        ),
        json.dumps({"kind": "email.send", "payload": {"to": ["a@b.c"], "subject": "s", "text": "x" * 300_000}}),
        json.dumps({"kind": "download.file", "payload": {"url": "https://example.org/a", "destination": "a"}}),
    ]

    answer = leeward("enqueue", "--json", stdin="\n".join(lines), expect=ExitCode.FAILED)

    told = {each["line"]: each["outcome"] for each in answer.lines()}
    assert told == {
        1: "enqueued", 2: "duplicate", 3: "conflict", 5: "invalid", 6: "invalid", 7: "invalid", 8: "invalid", 9: "invalid",
        10: "invalid", 11: "invalid", 12: "enqueued",
    }  # fmt: skip
    queues = leeward("queues", "--json").json()["queues"]
    assert {queue["queue"]: queue["ready"]["normal"] + queue["provider_scheduled"] for queue in queues} == {
        "sync.jellyfin": 1,
        "download.http": 1,
    }


def test_many_plain_answers_are_a_job_and_an_outcome_a_line(leeward: Command) -> None:
    lines = [json.dumps({"kind": "sync.user", "payload": {"user": f"user-{n}"}}) for n in range(1_500)]

    answer = leeward("enqueue", stdin="\n".join(lines))

    rows = [line.split("\t") for line in answer.out.splitlines()]
    assert len({job for job, _ in rows}) == 1_500
    assert {outcome for _, outcome in rows} == {"enqueued"}
    assert "1,500 enqueued" in answer.err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["enqueue", "sync.usr"], "did you mean sync.user?"),
        (["enqueue", "sync.user"], "user: Field required"),
        (["enqueue", "sync.user", "--set", "user"], "has no value"),
        (
            ["enqueue", "sync.user", "--set", "user=a", "--delay", "soon"],
            "is not a valid duration; use for example 30d",
        ),
        (["enqueue", "sync.user", "--set", "user=a", "--key", "x" * 256], "1 to 255 characters"),
        (["enqueue", "sync.user", "--json-file", "missing.json"], "missing.json"),
        (["enqueue", "--set", "user=a"], "need a KIND"),
        (["nonsense"], "No such command"),
        (["queues", "--nonsense"], "No such option"),
        (["queue", "pause"], "Missing argument"),
    ],
)
def test_what_is_not_understood_is_one_line_that_says_what_to_do(
    leeward: Command, arguments: list[str], said: str
) -> None:
    answer = leeward(*arguments, expect=ExitCode.USAGE)

    assert said in answer.err
    assert len(answer.err.splitlines()) == 1
    assert answer.out == ""


def test_a_queue_is_paused_and_resumed(leeward: Command) -> None:
    leeward("enqueue", "sync.user", "--set", "user=alice")

    assert leeward("queue", "pause", "sync.jellyfin", "--json").json()["paused"] is True
    row = leeward.installed("queues").out.splitlines()[1].split("\t")
    assert row[:6] == ["sync.jellyfin", "paused", "1", "0", "1", "0"]
    assert "sync.jellyfin is active. Jobs waiting: 1." in leeward("queue", "resume", "sync.jellyfin").out
    assert leeward("queues", "--json").json()["queues"][0]["paused"] is False

    unknown = leeward("queue", "pause", "sync.jelyfin", expect=ExitCode.NOT_FOUND)
    assert "did you mean sync.jellyfin?" in unknown.err


def test_a_job_that_nobody_knows_is_not_found(leeward: Command) -> None:
    for command in ("show", "cancel"):
        assert "there is no job" in leeward("job", command, "nothing", expect=ExitCode.NOT_FOUND).err


@pytest.mark.parametrize("arguments", [["queues"], ["job", "show", "x"], ["enqueue", "sync.user", "--set", "user=a"]])
def test_a_valkey_that_is_away_is_named_without_its_password(lonely: Command, arguments: list[str]) -> None:
    lonely.environment["LEEWARD_VALKEY_URL"] = "redis://:hunter2-hunter2@127.0.0.1:1/0"

    answer = lonely(*arguments, expect=ExitCode.UNREACHABLE)

    assert answer.err.startswith("leeward: Valkey at redis://[redacted]@127.0.0.1:1/0 cannot be used:")
    assert "hunter2" not in answer.err
    assert len(answer.err.splitlines()) == 1


def test_without_any_address_it_says_which_one_to_give(lonely: Command) -> None:
    assert "set LEEWARD_VALKEY_URL" in lonely("queues", expect=ExitCode.FAILED).err
    assert "set LEEWARD_DATABASE_URL" in lonely("dlq", "list", expect=ExitCode.FAILED).err
    assert "set LEEWARD_DATABASE_URL" in lonely("migrate", expect=ExitCode.FAILED).err


def test_jobs_are_listed_moved_and_cancelled_by_a_filter(leeward: Command) -> None:
    lines = [json.dumps({"kind": "sync.user", "payload": {"user": f"user-{number}"}}) for number in range(7)]
    leeward("enqueue", stdin="\n".join(lines))

    first = leeward("jobs", "--queue", "sync.jellyfin", "--limit", "5", "--json").json()
    rest = leeward("jobs", "--queue", "sync.jellyfin", "--after", first["next"], "--json").json()
    assert (len(first["jobs"]), len(rest["jobs"]), rest["next"]) == (5, 2, None)
    assert {(job["kind"], job["priority"]) for job in first["jobs"]} == {("sync.user", "normal")}

    counted = leeward("jobs", "cancel", "--kind", "sync.user")
    assert counted.out == "7 jobs would be cancelled.\n"
    assert "--yes" in counted.err
    some = [job["job"] for job in first["jobs"][:2]]
    assert leeward("jobs", "reprioritise", *some, "--to", "bulk", "--yes", "--json").json() == {"moved": 2, "left": {}}
    assert len(leeward("jobs", "--priority", "bulk", "--json").json()["jobs"]) == 2
    assert leeward("jobs", "cancel", "--kind", "sync.user", "--yes").out == "7 jobs are cancelled.\n"
    assert len(leeward("jobs", "--state", "ended", "--json").json()["jobs"]) == 7
    assert "jobs_cancelled" in leeward("provider", "show", "jellyfin").out


def test_a_change_to_many_needs_a_condition(leeward: Command) -> None:
    assert "all jobs of the fleet are never meant" in leeward("jobs", "cancel", "--yes", expect=ExitCode.USAGE).err


def test_a_queue_is_purged_and_then_removed(leeward: Command) -> None:
    leeward("enqueue", "sync.user", "--set", "user=alice")
    leeward("enqueue", "sync.user", "--set", "user=bob", "--delay", "1h")

    refused = leeward("queue", "remove", "sync.jellyfin", expect=ExitCode.CONFLICT)
    assert "has 2 jobs" in refused.err
    assert leeward("queue", "purge", "sync.jellyfin", "--yes").out == "2 jobs are cancelled.\n"
    assert "is removed" in leeward("queue", "remove", "sync.jellyfin").out
    assert leeward("queues", "--json").json()["queues"] == []
    leeward("queue", "purge", "sync.jellyfin", "--yes", expect=ExitCode.NOT_FOUND)
