"""From an alert to a finished replay, by the commands that `docs/dead-letters.md` names, as it names them."""

import re
import shlex
from collections import Counter
from pathlib import Path

from leeward import DownloadFile, Request, SendEmail, SyncUser
from simulators.faults import Effect, Rule
from tests.acceptance.console.leeward import Command
from tests.support.fleets.fleet import Fleet
from tests.support.fleets.fleet_host import Host
from tests.support.processes import ROOT
from tests.support.waiting import wait_until

USERS, FILES, MAILS = 100, 60, 20
PAGE = ROOT / "docs" / "dead-letters.md"
ID = re.compile(r"\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b")
FINGERPRINT = re.compile(r"\b[0-9a-f]{16}\b")


def documented() -> list[str]:
    """The commands of the page's first block, without their comments."""
    section = PAGE.read_text().partition("## From an alert to a finished replay\n")[2]
    lines = section.partition("```sh\n")[2].partition("```")[0].splitlines()
    return [shlex.join(words) for line in lines if (words := shlex.split(line, comments=True))]


class Walk:
    """Types the page's commands, with the names that earlier answers gave in place of the page's examples."""

    def __init__(self, fleet: Fleet, folder: Path) -> None:
        self.leeward = Command(fleet.environment(), folder)
        self.fingerprint = self.letter = ""

    def typed(self, command: str) -> str:
        return ID.sub(self.letter, FINGERPRINT.sub(self.fingerprint, command))

    def __call__(self, command: str) -> str:
        """What is said, answers first; the command must succeed."""
        words = shlex.split(self.typed(command))
        assert words[0] == "leeward"
        answer = self.leeward(*words[1:])
        return answer.out + answer.err


def break_everything(fleet: Fleet) -> None:
    """Jellyfin after an update that wants a field more, files that are gone, mailboxes that are gone: what each job dies of alone.

    What would be said to every job (a relay that denies us access, a proxy's own 400) kills none: the circuit opens, and they wait.
    """
    wants_more = '{"title":"One or more validation errors occurred.","status":400,"errors":{"LibraryId":["required"]}}'
    fleet.jellyfin.faults.set(
        Rule(
            operation="POST /Users/New",
            effect=Effect.STATUS,
            status=400,
            content_type="application/problem+json",
            body=wants_more,
        )
    )
    fleet.files.faults.set(Rule(effect=Effect.STATUS, status=404))
    fleet.mail.faults.set(Rule(operation="RCPT *", effect=Effect.STATUS, status=550, body="5.1.1 No such mailbox"))


def enqueue(fleet: Fleet) -> None:
    users = [SyncUser(user=f"user-{number}") for number in range(USERS)]
    files = [DownloadFile(url=f"{fleet.files.url}/bytes/9/{n}", destination=f"{n}.bin") for n in range(FILES)]
    mails = [SendEmail(to=(f"p{number}@example.org",), subject="Hi", text="Hello") for number in range(MAILS)]
    requests = [Request(job, idempotency_key=f"sync:{job.user}", partition="acme") for job in users]
    fleet.client.enqueue_many([*requests, *map(Request, files), *map(Request, mails)])


def test_nine_commands_lead_from_an_alert_to_a_finished_replay(fleet: Fleet, host: Host, tmp_path: Path) -> None:
    alert, causes, cause, one, take, try_, replay, how, after = documented()
    walk = Walk(fleet, tmp_path)
    break_everything(fleet)
    enqueue(fleet)
    wait_until(lambda: len(fleet.dead_letters()) == USERS + FILES + MAILS, description="all to die", timeout=60)
    assert host.metric("leeward_dead_letters_total") == USERS + FILES + MAILS

    said = walk(alert)
    assert f"jellyfin\tcreate_user\t{USERS} (" in said
    assert f"jellyfin\tcreate_user\t100% ({USERS} of {USERS})" in said
    (walk.fingerprint,) = re.findall(
        r"new group: 100 open, .* create_user of jellyfin.*\n    leeward dlq group (\w+)", said
    )

    rows = [line.split("\t") for line in walk(causes).splitlines()[1:]]
    assert [(row[0] == walk.fingerprint, row[1], row[6]) for row in rows] == [
        (True, str(USERS), "jellyfin create_user"),
        (False, str(FILES), "http download"),
        (False, str(MAILS), "smtp rcpt_to"),
    ]

    said = walk(cause)
    assert f"letters:    {USERS} in all, {USERS} open: {USERS} failed" in said
    assert f"tenants:    acme ({USERS})" in said
    assert f"\n    {walk.typed(try_)}\n" in said
    (walk.letter,) = re.findall(r"sample: +leeward dlq show (\S+)", said)

    said = walk(one)
    assert re.search(r'"user": "user-\d+"', said)
    assert "LibraryId" in said
    assert "events:\n  none\n" in said

    assert f"{USERS} taken on." in walk(take)
    assert re.search(rf"owners: +cli:\S+ \({USERS}\)", walk(cause))

    fleet.jellyfin.faults.reset()

    assert f"{USERS} would be replayed: 5 alone first, the others when they are done." in walk(try_)

    said = walk(replay)
    (id_,) = re.findall(rf"Replay (\S+) has {USERS} dead letters", said)
    assert f"{USERS} done (canary: 10 of 10 done). The replay is finished." in said

    (row,) = walk(how).splitlines()[1:]
    assert row.split("\t")[0::2][:3] == [id_, "finished", f"{USERS} done"]
    assert "Jellyfin was updated" in row
    items = walk.leeward("dlq", "replays", id_, "--limit", 1_000).out.splitlines()[-USERS:]
    assert {line.split("\t")[1] for line in items} == {"done"}

    said = walk(after)
    assert f"jellyfin\tcreate_user\t50% ({USERS} of {2 * USERS})" in said
    assert walk.fingerprint not in said
    _recovered_once(fleet, walk.fingerprint)


def _recovered_once(fleet: Fleet, fingerprint: str) -> None:
    states = fleet.query("SELECT state, count(*) FROM dead_letters WHERE fingerprint = %s GROUP BY state", fingerprint)
    created = Counter(entry["name"] for entry in fleet.jellyfin.record.entries("user_created"))

    assert states == [("recovered", USERS)]
    assert {name: created[name] for name in created if name.startswith("user-")} == {
        f"user-{number}": 1 for number in range(USERS)
    }
