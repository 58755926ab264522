"""The night of docs/on-call.md: a refused key, a full mailbox and missing files, 380 jobs, and nothing typed that no screen has printed."""

import re
import shlex
from collections import Counter
from pathlib import Path

import pytest

from leeward import DownloadFile, Request, SendEmail, SyncUser
from simulators.faults import Effect, Rule
from tests.acceptance.console.leeward import Command
from tests.support.fleets.fleet import Fleet
from tests.support.fleets.fleet_host import Host
from tests.support.processes import ROOT
from tests.support.waiting import wait_until

pytestmark = pytest.mark.timeout(900)

USERS, MAILS, FILES = 312, 48, 20
COLUMNS = 80
PAGE = ROOT / "docs" / "on-call.md"
COLOUR = re.compile(r"\x1b\[[0-9;?]*[a-zA-Z]")
FINGERPRINT = re.compile(r"\b[0-9a-f]{16}\b")
WHY = "The files are gone for good"


class Screens:
    """A terminal of 80 columns, whose reader types what it has shown before."""

    def __init__(self, fleet: Fleet, folder: Path) -> None:
        self._leeward = Command(fleet.environment() | {"PAGER": "cat"}, folder)
        self._offered = {"leeward"}
        self.typed: list[str] = []
        self.shown = ""

    def type(self, command: str, *, answer: str = "") -> str:
        """Types a command, and `answer` if it asks. What is shown, without colours."""
        assert _as_offered(command) in self._offered, f"no screen has said: {command}"
        self.typed.append(command)
        code, shown = self._leeward.on_a_terminal(*shlex.split(command)[1:], columns=COLUMNS, typed=answer)
        self.shown = COLOUR.sub("", shown).replace("\r\n", "\n")
        assert code == 0, self.shown
        offered = re.findall(r"^ {4}(leeward .+)$", self.shown, re.MULTILINE)
        self._offered |= {_as_offered(one) for one in offered}
        if "the same command without --dry-run does it" in self.shown:
            self._offered.add(_as_offered(command.replace(" --dry-run", "")))
        return self.shown

    def the_one(self, beginning: str) -> str:
        """The command of the screen that begins so."""
        (found,) = re.findall(rf"^ {{4}}({re.escape(beginning)}.*)$", self.shown, re.MULTILINE)
        return str(found)


def _as_offered(command: str) -> str:
    """The reason is the reader's own."""
    return command.partition(" --note ")[0]


def documented() -> list[str]:
    """What the page types, with one fingerprint for all."""
    return [_shape(line) for line in re.findall(r"^\$ (leeward.*)$", PAGE.read_text(), re.MULTILINE)]


def _shape(command: str) -> str:
    return FINGERPRINT.sub("F", command)


def break_things(fleet: Fleet) -> str:
    """Returns the key that is right."""
    key = fleet.jellyfin.settings.token
    fleet.jellyfin.configure({"token": "another one"})
    fleet.mail.faults.set(Rule(operation="RCPT full@*", effect=Effect.STATUS, status=552, body="5.2.2 Mailbox full"))
    fleet.files.faults.set(Rule(effect=Effect.STATUS, status=404))
    return key


def enqueue(fleet: Fleet) -> None:
    users = [Request(SyncUser(user=f"user-{n}"), idempotency_key=f"sync:user-{n}") for n in range(USERS)]
    mails = [Request(SendEmail(to=("full@example.org",), subject=f"Hi {n}", text="Hello")) for n in range(MAILS)]
    files = [
        Request(DownloadFile(url=f"{fleet.files.url}/bytes/9/{n}", destination=f"night/{n}.bin")) for n in range(FILES)
    ]
    fleet.client.enqueue_many([*users, *mails, *files])


def test_under_ten_commands_lead_from_the_first_screen_to_a_drained_fleet(
    fleet: Fleet, host: Host, tmp_path: Path
) -> None:
    fleet.start_scheduler()
    key = break_things(fleet)
    enqueue(fleet)
    wait_until(lambda: len(fleet.dead_letters()) == MAILS + FILES, description="mails and files to die", timeout=60)
    screens = Screens(fleet, tmp_path)

    wait_until(
        lambda: host.metric("leeward_circuit_state", provider="jellyfin", state="open") == 1,
        description="Jellyfin's circuit to open",
        timeout=60,
    )
    first = screens.type("leeward")
    assert "JELLYFIN_AUTH_FAILURE" in first
    assert "the API key is wrong or was revoked" in " ".join(first.split())
    mailbox, gone = _groups(screens)

    fleet.jellyfin.configure({"token": key})
    assert "jellyfin is healthy" in screens.type("leeward provider probe jellyfin")

    assert "The mailbox is full" in screens.type(mailbox)
    fleet.mail.faults.reset()
    dry_run = screens.the_one("leeward dlq replay ")
    assert f"{MAILS} would be replayed" in screens.type(dry_run)
    assert f"{MAILS} done" in screens.type(dry_run.replace(" --dry-run", ""), answer="y\n")

    assert "is not there" in screens.type(gone)
    discard = screens.the_one("leeward dlq discard ").partition(" --note ")[0]
    assert f"{FILES} discarded." in screens.type(f"{discard} --note {WHY!r}", answer="y\n")

    # The first account that was refused was alone with it: it waits for five minutes by itself (docs/guards.md).
    wait_until(lambda: _created(fleet) == USERS, description="every account to be made", timeout=400)
    assert "Nothing needs attention." in screens.type("leeward")

    assert [_shape(command) for command in screens.typed] == documented()
    assert len(screens.typed) < 10
    assert fleet.query("SELECT state, count(*) FROM dead_letters GROUP BY state ORDER BY state") == [
        ("discarded", FILES),
        ("recovered", MAILS),
    ]


def _groups(screens: Screens) -> tuple[str, str]:
    """The commands for the full mailbox and for the missing files, as the first screen pairs them with their errors."""
    pairs = re.findall(r"^- dead letters: (.*?)\n {4}(leeward dlq group \w+)$", screens.shown, re.MULTILINE | re.DOTALL)
    found = {command: error for error, command in pairs}
    (mailbox,) = (command for command, error in found.items() if "Mailbox full" in " ".join(error.split()))
    (gone,) = (command for command, error in found.items() if "404" in error)
    return mailbox, gone


def _created(fleet: Fleet) -> int:
    """Accounts; one that was made twice fails the test."""
    created = Counter(entry["name"] for entry in fleet.jellyfin.record.entries("user_created"))
    assert set(created.values()) <= {1}
    return len(created)
