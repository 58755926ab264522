"""The fleet at a glance, as people read it and as JSON."""

from typing import TYPE_CHECKING, Any

from console.cli.commands import commands
from console.cli.status.listings import PROVIDERS, QUEUES, WORKERS
from console.cli.terminal.screen import Screen
from console.cli.terminal.tables.cells import json_value
from console.cli.terminal.tables.listing import Tone
from console.cli.terminal.time_text import relative, span_text

if TYPE_CHECKING:
    from leeward_admin import FleetStatus, Need

_TONES = {"problem": Tone.BAD, "warning": Tone.WARNING}


def document_of(found: "FleetStatus") -> dict[str, Any]:
    """Everything, in JSON types."""
    letters = found.open_letters
    document: dict[str, Any] = {
        "at": found.at,
        "providers": [PROVIDERS.record(one) for one in found.providers],
        "queues": [QUEUES.record(one) for one in found.queues],
        "workers": [WORKERS.record(one) for one in found.workers],
        "schedulers": found.schedulers,
        "periodic_actors": found.periodic,
        "open_dead_letters": letters and letters.letters,
        "open_groups": letters and letters.groups,
        "needs": [_need_document(need) for need in found.needs],
    }
    found_json: dict[str, Any] = json_value(document)
    return found_json


def show(screen: Screen, found: "FleetStatus", *, every_queue: bool) -> None:
    """Tables of providers and queues, a line about everything else, then what needs attention."""
    if found.providers:
        seen = [one for one in found.providers if every_queue or not _is_internal(found, one.provider)]
        screen.listing(PROVIDERS, seen, now=found.at)
        screen.line("")
    queues = [one for one in found.queues if every_queue or not one.is_quiet]
    if queues:
        screen.listing(QUEUES, queues, now=found.at)
    if hidden := len(found.queues) - len(queues):
        screen.line(f"{hidden:,} idle or internal queues are not shown: --all shows them.", Tone.FAINT)
    if not found.queues:
        screen.line("No queue yet: enqueue a job, or start a worker.")
    screen.line("")
    screen.line(_workers(found))
    screen.line(_schedule(found))
    screen.line(_letters(found))
    screen.line("")
    _show_needs(screen, found)


def _is_internal(found: "FleetStatus", provider: str) -> bool:
    return all(queue.internal for queue in found.queues if queue.provider == provider)


def _workers(found: "FleetStatus") -> str:
    alive = [one for one in found.workers if one.state != "silent"]
    if not alive:
        return "Workers:      none"
    hosts = len({one.host for one in alive})
    threads, busy = sum(one.threads for one in alive), sum(one.busy for one in alive)
    oldest = max((one.oldest for one in alive if one.oldest), default=None)
    draining = sum(one.state == "draining" for one in alive)
    parts = [
        f"{len(alive):,} on {_number(hosts, 'host', 'hosts')}",
        f"{busy:,} of {threads:,} threads busy",
        *([f"oldest job {span_text(oldest)}"] if oldest else []),
        *([f"{draining} draining"] if draining else []),
    ]
    return f"Workers:      {', '.join(parts)}"


def _schedule(found: "FleetStatus") -> str:
    schedulers = _number(found.schedulers, "scheduler", "schedulers") if found.schedulers else "no scheduler"
    return f"Schedule:     {_number(found.periodic, 'periodic actor', 'periodic actors')}, {schedulers}"


def _letters(found: "FleetStatus") -> str:
    letters = found.open_letters
    if letters is None:
        return "Dead letters: unknown"
    if not letters.letters:
        return "Dead letters: none open"
    latest = f", the latest {relative(letters.last_seen, found.at)}" if letters.last_seen else ""
    causes = _number(letters.groups, "cause", "causes")
    return f"Dead letters: {letters.letters:,} open, of {causes}{latest}"


def _show_needs(screen: Screen, found: "FleetStatus") -> None:
    if not found.needs:
        screen.line("Nothing needs attention.", Tone.GOOD)
        return
    screen.line("Needs attention:")
    for need in found.needs:
        screen.paragraph(f"{need.subject}: {need.text}", _TONES[need.urgency], after="- ")
        for typed in commands(need.actions):
            screen.line(f"    {typed}")


def _need_document(need: "Need") -> dict[str, Any]:
    return {
        "urgency": need.urgency,
        "subject": need.subject,
        "text": need.text,
        "commands": commands(need.actions),
        "actions": [action.document() for action in need.actions],
    }


def _number(number: int, one: str, many: str) -> str:
    return f"{number:,} {one if number == 1 else many}"
