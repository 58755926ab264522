"""The scripts of docs/dead-letters.md and docs/scripting.md, run as they stand there."""

import json
import re
import subprocess
import sys
import time

import redis
from sqlalchemy import Connection

from actors.declare import declare
from leeward import SyncUser
from middleware.order import rings
from storage.dead_letters.state import State
from tests.acceptance.console.leeward import Command
from tests.integration.storage.rows import failing_with, keep, letter, read
from tests.integration.workers.background.replays.fleet import QUEUE
from tests.support.fleets.workers_under_test import broker_at, working
from tests.support.processes import ROOT
from tests.unit.storage.dead_letters.intake.dead_entries import message_of


def _scripts(document: str) -> list[str]:
    return re.findall(r"^```python\n(.*?)^```$", (ROOT / "docs" / document).read_text(), re.MULTILINE | re.DOTALL)


MORNING, AFTER_AN_OUTAGE, TENANTS, AS_THEY_ARE_FOUND = _scripts("dead-letters.md")
PROVIDERS, MANY_JOBS, ERRORS = _scripts("scripting.md")


def script(text: str, leeward: Command) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", text],
        env=leeward.environment,
        cwd=leeward.folder,
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )


def test_the_morning_script_tells_groups_that_are_new_and_fails_for_them(
    leeward: Command, connection: Connection
) -> None:
    assert (script(MORNING, leeward).returncode, script(MORNING, leeward).stdout) == (0, "")

    now_ms = round(time.time() * 1000)
    keep(connection, *(letter(number, died_at=str(now_ms - number)) for number in range(1, 9)))
    told = script(MORNING, leeward)

    assert told.returncode == 1, told.stderr
    assert " 8 jellyfin " in told.stdout


def test_the_replay_script_replays_what_an_outage_left_and_tells_how_it_went(
    leeward: Command, connection: Connection, valkey_url: str, valkey: "redis.Redis"
) -> None:
    ids = keep(connection, *(letter(number) for number in range(1, 8)))

    with broker_at(valkey_url, middleware=rings()) as broker:
        declare(broker, SyncUser, lambda _: None, queues=[QUEUE])
        with working(broker):
            told = script(AFTER_AN_OUTAGE, leeward)

    assert told.returncode == 0, told.stderr + told.stdout
    assert "7 would be replayed" in told.stdout
    assert {read(connection, id_).state for id_ in ids} == {State.RECOVERED}
    assert script(AFTER_AN_OUTAGE, leeward).stderr.strip() == "nothing to replay"


def test_the_script_of_the_tenants_discards_theirs_and_leaves_alone_what_is_looked_after(
    leeward: Command, connection: Connection
) -> None:
    def of(tenant: str, number: int) -> bytes:
        return message_of(SyncUser(user=f"user-{number}"), message_id=f"job-{number}", options={"tenant": tenant})

    left, stays, looked_after = keep(
        connection,
        letter(1, message=of("acme", 1)),
        letter(2, message=of("initech", 2)),
        letter(3, message=of("globex", 3)),
    )
    leeward("dlq", "review", looked_after)

    assert script(TENANTS, leeward).returncode == 0

    assert read(connection, left).note == "the tenant has left"
    assert [read(connection, id_).state for id_ in (left, stays, looked_after)] == [
        State.DISCARDED,
        State.FAILED,
        State.REVIEWING,
    ]


def test_the_script_of_the_impatient_tells_what_matches_as_it_is_found(
    leeward: Command, connection: Connection
) -> None:
    keep(
        connection, letter(1, error=failing_with("E", "disk 100% full")), letter(2, error=failing_with("E", "100 of 7"))
    )

    told = script(AS_THEY_ARE_FOUND, leeward)

    assert told.returncode == 0, told.stderr
    assert told.stdout.splitlines()[0].endswith("jellyfin disk 100% full")
    assert len(told.stdout.splitlines()) == 1


def test_the_script_of_many_jobs_enqueues_what_it_can_and_the_provider_script_sees_them(leeward: Command) -> None:
    lines = [{"kind": "sync.user", "payload": {"user": "alice"}, "key": "a"}, {"kind": "sync.usr", "payload": {}}]
    (leeward.folder / "jobs.jsonl").write_text("\n".join(map(json.dumps, lines)))

    told = script(MANY_JOBS, leeward)

    assert told.returncode == 1
    assert "line 2: there is no kind 'sync.usr': did you mean sync.user?" in told.stderr
    assert "ENQUEUED" in told.stdout
    assert script(PROVIDERS, leeward).stdout.splitlines() == ["jellyfin closed 1 -"]


def test_the_script_of_errors_goes_by_code_and_action(leeward: Command) -> None:
    told = script(ERRORS, leeward)

    assert told.returncode == 1
    assert told.stderr.strip() == "queue_not_found: there is no queue sync.jellyfin ['list_queues']"
