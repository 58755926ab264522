"""Replays from the command line."""

import json
import re
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path
from uuid import UUID

import redis
from sqlalchemy import Connection

from console.cli.exit_code import ExitCode
from leeward import SendEmail, SyncUser
from leeward.extension.errors import Permanent
from leeward.wire.keys import ProviderKeys
from tests.acceptance.console.leeward import LEEWARD, Command
from tests.integration.storage.rows import keep, letter
from tests.integration.workers.background.replays.fleet import jobs, work
from tests.integration.workers.background.replays.test_killed import RUNNER
from tests.support.processes import ROOT, RunningProcess
from tests.support.waiting import wait_until
from tests.unit.storage.dead_letters.intake.dead_entries import message_of

SECRET = "hunter2-hunter2"
BY_REASON = ("dlq", "replay", "--reason", "exhausted")
AT_ONCE = ("--canary", 0, "--no-wait")
MAIL = SendEmail(to=("ada@example.org",), subject="hello", text="hello")


def with_a_secret() -> bytes:
    return message_of(SyncUser.model_validate({"user": "alice", "password": SECRET}))


def test_a_dry_run_tells_what_would_be_done_and_what_refused(leeward: Command, connection: Connection) -> None:
    keep(
        connection,
        letter(1),
        letter(2),
        letter(3, message=with_a_secret()),
        letter(4, reason="unknown_outcome"),
        letter(5, message=message_of(MAIL)),
    )
    arguments = ("dlq", "replay", "--provider", "jellyfin", "--dry-run")

    told = leeward(*arguments, "--json").json()

    assert told["would_replay"] == 2
    assert told["groups"] == [{"provider": "jellyfin", "actor": "sync.user", "reason": "exhausted", "letters": 2}]
    assert told["would_refuse"] == 2
    assert any("password" in refusal["why"] for refusal in told["refusals"])
    assert any("email.send is not known to be idempotent" in refusal["why"] for refusal in told["refusals"])
    assert told["held_back"] == 1
    plain = leeward(*arguments)
    assert "jellyfin\tsync.user\texhausted\t2" in plain.out
    assert "2 would be replayed: 2 alone first, the others when they are done." in plain.out
    assert "2 would be refused" in plain.out
    assert "the same command without --dry-run does it" in plain.err
    paced = leeward(*arguments, "--canary", 0, "--rate", 20)
    assert "2 would be replayed: 20 a second at most." in paced.out
    assert "the effect of an unknown_outcome job may have happened" in plain.err
    assert leeward(*arguments, "--unsafe-ok", "nothing was sent", "--json").json()["would_replay"] == 3
    assert leeward("dlq", "list", "--state", "failed", "--counts", "--json").json()["total"] == 5


def test_a_replay_tells_each_item_and_show_tells_how_it_ended(
    leeward: Command, connection: Connection, valkey_url: str, valkey: "redis.Redis"
) -> None:
    first, second, refused = (
        str(id_) for id_ in keep(connection, letter(1), letter(2), letter(3, message=with_a_secret()))
    )

    assert "--yes" in leeward(*BY_REASON, expect=ExitCode.USAGE).err
    made, *lines, end = leeward(*BY_REASON, *AT_ONCE, "--yes", "--json", expect=ExitCode.FAILED).lines()

    assert {line["id"]: line["outcome"] for line in lines} == {first: "queued", second: "queued", refused: "refused"}
    assert (made["letters"], made["held_back"], end["replay"], end["state"]) == (3, 0, made["replay"], "running")
    assert (end["summary"]["queued"], end["summary"]["refused"]) == (2, 1)
    assert len(jobs(valkey)) == 2
    assert leeward("dlq", "show", first, "--json").json()["replay_outcome"] == "pending"
    work(valkey_url, _fails_for_user_2)
    ended = leeward("dlq", "resume", made["replay"], "--json", expect=ExitCode.FAILED).lines()[-1]
    assert (ended["state"], ended["summary"]["done"], ended["summary"]["dead_again"]) == ("finished", 1, 1)
    assert leeward("dlq", "show", first, "--json").json()["replay_outcome"] == "recovered"
    again = leeward("dlq", "show", second)
    assert "Its replay died, too" in again.out
    assert "dead_again" in again.out


def test_a_letter_that_lost_its_secret_is_replayed_once_an_edit_has_set_it_again(
    leeward: Command, connection: Connection, valkey: "redis.Redis"
) -> None:
    (id_,) = (str(id_) for id_ in keep(connection, letter(3, message=with_a_secret())))
    refused = leeward("dlq", "replay", id_, *AT_ONCE, "--yes", expect=ExitCode.FAILED)
    assert f"run `leeward dlq edit {id_} --set password=...`" in refused.err

    edited = leeward("dlq", "edit", id_, "--set", "password=fresh-and-new")
    shown = leeward("dlq", "show", id_, "--json")
    replayed = leeward("dlq", "replay", id_, *AT_ONCE, "--yes", "--json")

    assert "fresh-and-new" not in edited.out + shown.out + replayed.out
    ((_, message),) = jobs(valkey).items()
    assert message.kwargs["payload"]["password"] == "fresh-and-new"


def _fails_for_user_2(job: SyncUser) -> None:
    if job.user == "user-2":
        raise Permanent("no such user", provider="jellyfin", operation="create_user")


def test_replays_are_listed_and_shown_with_their_items_in_pages(leeward: Command, connection: Connection) -> None:
    ids = [str(id_) for id_ in keep(connection, *(letter(number) for number in range(5)))]
    planned = leeward(*BY_REASON, "--plan-only", "--yes", "--rate", 2.5, "--note", "it is back", "--json").lines()[0]
    id_ = planned["replay"]

    (listed,) = leeward("dlq", "replays", "--json").json()["replays"]
    first = leeward("dlq", "replays", id_, "--limit", 3, "--json").json()
    rest = leeward("dlq", "replays", id_, "--limit", 3, "--after", first["next"], "--json").json()

    assert (listed["replay"], listed["state"], listed["note"]) == (id_, "planned", "it is back")
    assert (listed["filter"], listed["rules"]["per_second"]) == ({"reasons": ["exhausted"]}, 2.5)
    assert [item["id"] for item in first["items"] + rest["items"]] == ids
    assert first["counts"]["pending"] == 5
    assert leeward("dlq", "replays", id_, "--outcome", "refused", "--json").json()["items"] == []
    assert leeward("dlq", "replays", "--state", "running", "--json").json()["replays"] == []
    plain = leeward("dlq", "replays", id_).out
    assert "canary 5" in plain
    assert "items:      5 pending" in plain
    assert "canary:     0 of 5 done" in plain
    assert f"planned\t5\t5 pending\t{listed['who']}\tit is back\t-" in leeward("dlq", "replays").out


def test_ctrl_c_pauses_a_replay_and_says_how_to_go_on(
    leeward: Command, connection: Connection, valkey: "redis.Redis"
) -> None:
    keep(connection, *(letter(number) for number in range(700)))
    command: list[str | Path] = [LEEWARD, *BY_REASON, "--canary", "0", "--rate", "20", "--yes", "--json"]
    pipe = subprocess.PIPE
    with subprocess.Popen(
        command, stdout=pipe, stderr=pipe, text=True, env=leeward.environment, cwd=leeward.folder
    ) as process:
        assert process.stdout is not None
        id_ = json.loads(process.stdout.readline())["replay"]
        wait_until(lambda: jobs(valkey), description="the first jobs", timeout=30)
        process.send_signal(signal.SIGINT)
        told, said = process.communicate(timeout=60)

    assert process.returncode == ExitCode.INTERRUPTED
    assert f"`leeward dlq resume {id_}` continues" in said
    assert "Traceback" not in said
    end = json.loads(told.splitlines()[-1])
    assert (end["state"], end["summary"]["queued"], end["summary"]["claimed"]) == ("paused", len(jobs(valkey)), 0)

    leeward("dlq", "resume", id_, "--detach")
    leeward("dlq", "pause", id_)
    leeward("dlq", "cancel", id_)
    assert "is cancelled" in leeward("dlq", "resume", id_, expect=ExitCode.CONFLICT).err
    again = leeward(*BY_REASON, *AT_ONCE, "--yes", "--json").lines()[-1]
    assert again["summary"]["queued"] == 700 - end["summary"]["queued"]
    users = [message.kwargs["payload"]["user"] for message in jobs(valkey).values()]
    assert sorted(users) == sorted(f"user-{number}" for number in range(700))
    assert valkey.llen(ProviderKeys("jellyfin").ready("sync.jellyfin", "bulk")) == 700


def test_a_host_goes_on_with_what_a_killed_command_left(
    leeward: Command,
    connection: Connection,
    valkey: "redis.Redis",
    valkey_url: str,
    database_url: str,
    start_process: Callable[..., RunningProcess],
) -> None:
    keep(connection, *(letter(number) for number in range(300)))
    command: list[str | Path] = [LEEWARD, *BY_REASON, "--canary", "0", "--rate", "30", "--yes", "--json"]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, text=True, env=leeward.environment, cwd=leeward.folder
    ) as process:
        assert process.stdout is not None
        id_ = json.loads(process.stdout.readline())["replay"]
        wait_until(lambda: jobs(valkey), description="the first jobs", timeout=30)
        process.kill()
    enqueued = len(jobs(valkey))

    start_process([*RUNNER, valkey_url, database_url, "never"], cwd=ROOT)

    wait_until(lambda: len(jobs(valkey)) == 300, description="all of them", timeout=60)
    assert enqueued < 300
    assert len({item["job_id"] for item in _items(leeward, id_)}) == 300


def _items(leeward: Command, id_: str) -> list[dict[str, object]]:
    found: list[dict[str, object]] = leeward("dlq", "replays", id_, "--limit", 500, "--json").json()["items"]
    return found


def test_two_replays_at_once_double_nothing(leeward: Command, connection: Connection, valkey: "redis.Redis") -> None:
    keep(connection, *(letter(number) for number in range(600)))
    command: list[str | Path] = [LEEWARD, *BY_REASON, *map(str, AT_ONCE), "--yes", "--json"]
    both = [
        subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=leeward.environment, cwd=leeward.folder)
        for _ in range(2)
    ]
    answers = [process.communicate(timeout=90)[0] for process in both]

    lines = [json.loads(line) for answer in answers for line in answer.splitlines()]
    queued = [line["id"] for line in lines if line.get("outcome") == "queued"]
    assert len(queued) == len(set(queued)) == 600
    assert len(jobs(valkey)) == 600


def test_an_unknown_outcome_is_replayed_when_it_is_named(leeward: Command, connection: Connection) -> None:
    (id_,) = keep(connection, letter(1, reason="unknown_outcome"))

    held = leeward("dlq", "replay", "--reason", "unknown_outcome")
    assert "1 left alone: the effect of an unknown_outcome job may have happened" in held.err
    assert leeward("dlq", "replay", id_, "--no-wait", "--json").lines()[1]["outcome"] == "queued"
    done = leeward("dlq", "replay", id_, expect=ExitCode.CONFLICT)
    assert "not failed or reviewing any more" in done.err


def test_what_a_replay_cannot_be_told_has_its_exit_code(leeward: Command) -> None:
    nobody = UUID(int=7)
    for arguments, code, said in (
        (["replays", nobody], ExitCode.NOT_FOUND, "there is no replay"),
        (["pause", nobody], ExitCode.NOT_FOUND, "there is no replay"),
        (["resume", "x"], ExitCode.USAGE, "is not the id of a replay"),
        (["replays", "--after", "x"], ExitCode.USAGE, "is not valid: copy the `next`"),
        (["replays", nobody, "--after", "x"], ExitCode.NOT_FOUND, "there is no replay"),
        (["replay", "--reason", "exhausted", "--canary-failures", 3, "--canary", 2], ExitCode.USAGE, "write 0 to 2"),
        (["replay", "--reason", "exhausted", "--unsafe-ok", " "], ExitCode.USAGE, "write the reason"),
        (["replay", "--reason", "exhausted", "--rate", 0], ExitCode.USAGE, "--rate"),
    ):
        answer = leeward("dlq", *arguments, expect=code)
        assert said in answer.err
        assert len(answer.err.splitlines()) == 1


def test_on_a_terminal_a_replay_asks_and_no_answer_is_no(
    leeward: Command, connection: Connection, valkey: "redis.Redis"
) -> None:
    keep(connection, letter(1), letter(2))

    code, shown = leeward.on_a_terminal(*BY_REASON, typed="n\n")

    assert "Replay 2 dead letters? [y/N]" in shown
    assert code == ExitCode.INTERRUPTED
    assert jobs(valkey) == {}

    code, shown = leeward.on_a_terminal(*BY_REASON, *AT_ONCE, typed="y\n")

    assert code == ExitCode.OK
    assert "2 queued" in shown
    assert len(jobs(valkey)) == 2


def test_a_terminal_is_not_flooded_and_refusals_are_summed_up(leeward: Command, connection: Connection) -> None:
    keep(connection, *(letter(number) for number in range(25)))
    keep(connection, *(letter(100 + number, message=message_of(MAIL)) for number in range(23)))

    code, shown = leeward.on_a_terminal(*BY_REASON, *AT_ONCE, "--yes", columns=200)

    assert code == ExitCode.FAILED
    assert (len(re.findall(r"  queued  ", shown)), len(re.findall(r"  refused  ", shown))) == (20, 20)
    assert "8 more are not shown; `leeward dlq replays " in shown
    assert "23 refused because email.send is not known to be idempotent" in shown
    assert "25 queued, 23 refused. The replay is running" in shown
