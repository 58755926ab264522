"""Scene 5: dead letters are listed, their causes are fixed, and they are replayed, with the commands that a person would use."""

from collections import Counter

from console.cli.exit_code import Failed
from demo import scenario
from demo.accounting import books
from demo.media_server import MediaServer
from demo.run import RARELY, Run
from demo.scenes import misbehaviour
from leeward.jobs.dead_reason import DeadReason
from storage.dead_letters.state import State

_REASONS = ("--reason", "permanent", "--reason", "exhausted")
_SAFE = "the mails were refused, so nothing was sent"


def play(performance: Run) -> None:
    """Raises: Failed: a command did not succeed, or a replayed job did not recover."""
    _run(performance, "dlq", "list")
    _mend(performance)
    _run(performance, "dlq", "replay", *_REASONS, "--dry-run", "--unsafe-ok", _SAFE)
    _run(performance, "dlq", "replay", *_REASONS, "--yes", "--unsafe-ok", _SAFE, "--note", "the causes are fixed")
    performance.wait_until(lambda: not _states(performance)[State.REQUEUED], "every replayed job to end", every=RARELY)
    performance.screen.say(f"{_states(performance)[State.RECOVERED]} jobs recovered")
    _run(performance, "dlq", "list", "--counts", "--state", "failed")


def _run(performance: Run, *arguments: str) -> None:
    if (code := performance.run_command(*arguments)) != 0:
        raise Failed(f"`leeward {' '.join(arguments)}` ended with exit code {code}")


def _mend(performance: Run) -> None:
    """What people do at the providers."""
    stage, screen = performance.stage, performance.screen
    screen.gap()
    missing = [file for file in scenario.offered(performance.pace) if file.is_missing]
    stage.files.configure(files={file.url_path: {"size": file.size, "seed": file.seed} for file in missing})
    screen.say(f"fixed: the {len(missing)} missing files are published")
    misbehaviour.accept_every_address(stage.mail)
    screen.say(f"fixed: the mail server accepts the {len(scenario.REFUSED)} addresses that it refused")
    with MediaServer(stage.jellyfin.url) as server:
        server.set_administrator(scenario.DEPUTY, to=True)
        server.set_administrator(scenario.ADMINISTRATOR, to=False)
    screen.say(f"fixed: {scenario.ADMINISTRATOR} is not an administrator any more, so the account can be disabled")


def _states(performance: Run) -> Counter[State]:
    """Of all but the parked ones."""
    letters = books.letters(performance.stage.admin)
    return Counter(letter.state for letter in letters if letter.reason is not DeadReason.UNKNOWN_OUTCOME)
