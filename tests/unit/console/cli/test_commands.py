"""Actions as commands: what is shown can be typed."""

import shlex
from collections.abc import Iterator

import click
import pytest

from console.cli.commands import command, commands, with_hint
from console.cli.main import leeward
from leeward import actions
from leeward.actions import Action, Letters
from leeward.jobs.dead_reason import DeadReason
from storage.dead_letters.groups.diagnosis import diagnose
from storage.dead_letters.groups.symptom import Symptom
from storage.dead_letters.groups.trend import Direction

ID = "01a2074b-a684-7c10-84d2-e4a16520bc6f"
GROUP = Letters(fingerprint="1abc")
SHOWN: dict[Action, str | None] = {
    actions.CheckInstallation(): "leeward check",
    actions.MigrateDatabase(): "leeward migrate",
    actions.ListExtensions(): "leeward extensions",
    actions.ListQueues(): "leeward queues",
    actions.ResumeQueue("sync.jellyfin"): "leeward queue resume sync.jellyfin",
    actions.RetireQueue("sync.old"): "leeward queue retire sync.old",
    actions.ListJobs("sync.jellyfin"): "leeward jobs --queue sync.jellyfin",
    actions.ListWorkers(): "leeward workers",
    actions.StartFleet(): "leeward up",
    actions.StartWorker(): "leeward worker",
    actions.StartScheduler(): "leeward scheduler",
    actions.StartRelay(): "leeward outbox relay",
    actions.MigrateOutbox(): "leeward outbox migrate",
    actions.ListRefusedRows(): "leeward outbox refused",
    actions.ResumeProvider("smtp"): "leeward provider resume smtp",
    actions.ListProviders(): "leeward provider list",
    actions.ShowProvider("smtp"): "leeward provider show smtp",
    actions.EnableProvider("smtp"): "leeward provider enable smtp",
    actions.ProbeProvider("smtp"): "leeward provider probe smtp",
    actions.SetGuards("smtp", (("rate", "1"), ("limit", "2"))): "leeward provider set smtp rate=1 limit=2",
    actions.WaitFor("smtp"): None,
    actions.ListDeadLetters(): "leeward dlq list",
    actions.ListDeadLetters(
        Letters(reason="invalid", states=("failed", "reviewing"))
    ): "leeward dlq list --reason invalid --state failed --state reviewing",
    actions.ShowDeadLetter(ID): f"leeward dlq show {ID}",
    actions.ListGroups(any_state=True): "leeward dlq groups --any-state",
    actions.ShowGroup("1abc"): "leeward dlq group 1abc",
    actions.ListSavedFilters(): "leeward dlq filter list",
    actions.ReplayDeadLetters(
        GROUP, per_second=1, dry_run=True, needs_reason=True
    ): "leeward dlq replay --fingerprint 1abc --rate 1 --dry-run --unsafe-ok 'why nothing is repeated'",
    actions.ReplayDeadLetters(Letters(ids=(ID,)), limit=1): f"leeward dlq replay {ID} --limit 1",
    actions.DiscardDeadLetters(GROUP): "leeward dlq discard --fingerprint 1abc --note 'why'",
    actions.EditPayload(ID): f"leeward dlq edit {ID} --set FIELD=VALUE",
    actions.EditPayload(ID, ("password",)): f"leeward dlq edit {ID} --set password=...",
    actions.ListReplays(): "leeward dlq replays",
    actions.ListSchedules(): "leeward schedule list",
    actions.ShowReplay(ID, outcome="refused"): f"leeward dlq replays {ID} --outcome refused",
    actions.ResumeReplay(ID): f"leeward dlq resume {ID}",
    actions.CancelReplay(ID): f"leeward dlq cancel {ID}",
}


def _suggested() -> Iterator[str]:
    for reason in DeadReason:
        for error in ("Transient", "RateLimited", "QuotaExceeded", "AuthFailed", "Permanent", "Busy", None):
            symptom = Symptom("1abc", "smtp", reason, error, None, Direction.STEADY, sample=ID, repeatable=False)
            yield from commands(diagnose(symptom).actions)


def _parse(line: str) -> None:
    """Raises: click.UsageError: the command line does not take it."""
    _, *words = shlex.split(line)
    found: click.Command = leeward
    context = click.Context(leeward)
    while isinstance(found, click.Group):
        if found.invoke_without_command and words[0].startswith("-"):
            break
        context = found.make_context(found.name, [words[0], *words[1:]], parent=context)
        _, found, words = found.resolve_command(context, words)  # type: ignore[assignment]
    found.make_context(found.name, words, parent=context)


@pytest.mark.parametrize(("action", "line"), SHOWN.items())
def test_an_action_is_shown_as_its_command(action: Action, line: str | None) -> None:
    assert command(action) == line


def test_every_kind_of_action_is_tried_here_and_has_a_kind_of_its_own() -> None:
    kinds = {kind for name in actions.__all__ if issubclass(kind := getattr(actions, name), Action)} - {Action}

    assert {type(action) for action in SHOWN} == kinds
    assert len({kind.kind for kind in kinds}) == len(kinds)


@pytest.mark.parametrize("line", sorted({line for line in SHOWN.values() if line} | set(_suggested())))
def test_a_command_that_is_shown_can_be_typed(line: str) -> None:
    _parse(line)


def test_an_action_of_an_extension_that_no_command_does_is_left_out() -> None:
    class Unlock(Action):
        kind = "acme.unlock"

    assert commands([Unlock(), actions.ListQueues()]) == ["leeward queues"]


def test_a_sentence_says_what_to_type() -> None:
    assert with_hint("there is no queue x", (actions.ListQueues(),)) == "there is no queue x: see `leeward queues`"
    assert with_hint("no tables", (actions.MigrateDatabase(),)) == "no tables: run `leeward migrate`"
    assert with_hint("gone: it was there", (actions.ListQueues(),)) == "gone: it was there; see `leeward queues`"
    assert with_hint("gone", (actions.WaitFor("smtp"),)) == "gone"
    assert with_hint("gone: did you mean x?", (actions.ListQueues(),)) == "gone: did you mean x? See `leeward queues`"


def test_an_action_is_a_document_for_programs() -> None:
    assert actions.ReplayDeadLetters(GROUP, dry_run=True).document() == {
        "kind": "replay",
        "arguments": {"letters": {"fingerprint": "1abc"}, "dry_run": True},
    }
    assert actions.SetGuards("smtp", (("rate", "1"),)).document()["arguments"]["numbers"] == {"rate": "1"}
    assert actions.ListQueues().document() == {"kind": "list_queues", "arguments": {}}
