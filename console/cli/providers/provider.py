"""`leeward provider ...`: shows and changes the guards of each provider."""

import time
from dataclasses import asdict, fields
from datetime import timedelta
from typing import TYPE_CHECKING

import click

from console.cli.completion import names
from console.cli.fleet import fleet, who
from console.cli.providers.listing import PROVIDERS, ProviderRow
from console.cli.providers.views import (
    actor_row,
    diagnosis_of,
    document_of,
    limit_of,
    summary_of,
    written,
)
from console.cli.terminal.duration import DurationType
from console.cli.terminal.group import CommandGroup
from console.cli.terminal.output import listing_output, output
from console.cli.terminal.screen import Screen
from console.cli.terminal.tables.cells import json_value
from console.cli.terminal.time_text import when

if TYPE_CHECKING:
    from leeward_admin import GuardState

ACTOR_COLUMNS = ("actor", "queue", "running", "limit", "rate/s", "burst", "slow", "observe")
SHOWN_EVENTS = 20

ACTOR_HELP = "The settings of one actor at this provider, for example sync.invoice: limit, rate, burst, slow, observe."


@click.group(cls=CommandGroup, renamed={"open": "pause", "close": "force", "auto": "resume"})
def provider() -> None:
    """Show a provider's guards, and change them for the whole fleet."""


@provider.command("list")
@listing_output
def list_(screen: Screen) -> None:
    """Show every provider: its circuit, its permits, its health."""
    with fleet() as admin:
        states = [ProviderRow(state, admin.providers.health(state.provider)) for state in admin.providers.states()]
    screen.listing(PROVIDERS, states, empty="There is no provider yet: configure one, then start a worker.")


@provider.command()
@click.argument("name", metavar="PROVIDER", shell_complete=names.providers)
@output
def show(screen: Screen, name: str) -> None:
    """Show one provider: state, settings, and the latest events."""
    with fleet() as admin:
        state, events = admin.providers.state(name), admin.providers.transitions(name, SHOWN_EVENTS)
    if screen.as_json:
        listed = [asdict(event) | {"at": event.at.isoformat()} for event in events]
        screen.document(document_of(state) | {"diagnosis": diagnosis_of(state), "events": listed})
        return
    screen.paragraph(summary_of(state))
    screen.line(f"{state.in_use} jobs run; {state.probes} of them are probes.")
    if state.limit_because:
        screen.paragraph(f"{limit_of(state)} may run at once: {state.limit_because}.")
    if most := state.config.most_of_a_partition:
        screen.line(f"{most} jobs of one partition may run at once.")
    for group, until in state.sick.items():
        screen.line(f"{group} is held back alone until {when(until)}: only its calls fail.")
    _show_settings(screen, state)
    if state.actors:
        screen.table(ACTOR_COLUMNS, [actor_row(queue, own) for queue, own in state.actors.items()])
    if state.overrides:
        numbers_set = ", ".join(sorted(state.overrides)).replace("@", " of ")
        screen.remark(
            f"Set by operators: {numbers_set}. `leeward provider reset {name}` restores the configured values."
        )
    if events or not screen.is_for_people:
        screen.table(("at", "event", "cause", "by"), [(when(e.at), e.event, e.cause, e.by) for e in events])


def _show_settings(screen: Screen, state: "GuardState") -> None:
    """For people on few lines, as `provider set` takes them: there are many, and the events below are what they look for."""
    settings = [(field.name, written(getattr(state.config, field.name))) for field in fields(state.config)]
    if screen.is_for_people:
        screen.paragraph(" ".join(f"{name}={value}" for name, value in settings), after="Settings: ")
    else:
        screen.table(("setting", "value"), settings)


def _mode_command(verb: str, mode: str, text: str, *, takes_until: bool = False) -> None:
    @provider.command(verb, help=text)
    @click.argument("name", metavar="PROVIDER", shell_complete=names.providers)
    @click.option(
        "--for",
        "span",
        type=DurationType() if takes_until else None,
        hidden=not takes_until,
        help="End automatically after this duration, for example 2h.",
    )
    @click.option("--because", default="", help="The reason, stored with the event.")
    @output
    def command(screen: Screen, name: str, span: timedelta | None, because: str) -> None:
        from leeward_admin import Mode

        with fleet() as admin:
            state = admin.providers.steer(name, Mode(mode), who(), because or f"`leeward provider {verb}`", span)
        _tell(screen, state)


_mode_command(
    "pause",
    "forced_open",
    "Call it no more, for example for maintenance: its jobs wait and use no attempts.",
    takes_until=True,
)
_mode_command("resume", "auto", "Let its circuit decide again; an open circuit sends a probe at once.")
_mode_command(
    "force", "forced_closed", "Run its jobs even when calls fail: its circuit stays closed.", takes_until=True
)
_mode_command("observe", "observe", "Only count and report what the circuit would do.")


@provider.command()
@click.argument("name", metavar="PROVIDER", shell_complete=names.providers)
@output
def disable(screen: Screen, name: str) -> None:
    """Switch it off: new jobs are refused, and those that wait stay until `enable`."""
    with fleet() as admin:
        state = admin.providers.disable(name, who())
    _tell(screen, state)


@provider.command()
@click.argument("name", metavar="PROVIDER", shell_complete=names.providers)
@output
def enable(screen: Screen, name: str) -> None:
    """Switch it on: waiting jobs can run again, at once."""
    with fleet() as admin:
        state = admin.providers.enable(name, who())
    _tell(screen, state)


@provider.command("set")
@click.argument("name", metavar="PROVIDER", shell_complete=names.providers)
@click.argument("values", metavar="SETTING=VALUE", nargs=-1)
@click.option("--limit", type=int, help="Jobs that may run at once in the whole fleet; 0 for no limit.")
@click.option("--rate", type=float, help="Jobs that may start per second in the whole fleet; 0 for no limit.")
@click.option("--actor", help=ACTOR_HELP, shell_complete=names.kinds)
@output
def set_(
    screen: Screen, name: str, values: tuple[str, ...], limit: int | None, rate: float | None, actor: str | None
) -> None:
    """Change settings for the whole fleet, at once and without a restart: limit=8 rate=5 open_for=30s."""
    chosen = dict(_pair(value) for value in values)
    chosen |= {key: str(given) for key, given in (("limit", limit), ("rate", rate)) if given is not None}
    if not chosen:
        raise click.UsageError("Give settings, such as limit=8 or open_for=30s.")
    with fleet() as admin:
        state = admin.providers.set(name, who(), chosen, actor)
    _tell(screen, state)


@provider.command()
@click.argument("name", metavar="PROVIDER", shell_complete=names.providers)
@click.argument("settings", metavar="SETTING", nargs=-1)
@click.option("--actor", help=ACTOR_HELP, shell_complete=names.kinds)
@output
def reset(screen: Screen, name: str, settings: tuple[str, ...], actor: str | None) -> None:
    """Return settings, or all of them, to the values that the workers configure, at once."""
    with fleet() as admin:
        state = admin.providers.reset(name, who(), *settings, actor=actor)
    _tell(screen, state)


@provider.command()
@click.argument("name", metavar="PROVIDER", shell_complete=names.providers)
@click.option(
    "--wait",
    type=DurationType(),
    default="10s",
    show_default=True,
    help="How long to wait for what it finds; 0s does not.",
)
@output
def probe(screen: Screen, name: str, wait: timedelta) -> None:
    """Send a health probe now, and say what it finds."""
    with fleet() as admin:
        job_id, found = admin.providers.look(name, within=wait)
    if screen.as_json:
        screen.document({"job": job_id, "health": json_value(asdict(found)) if found else None})
    elif found is None:
        screen.line(f"{job_id} looks at {name}; `leeward provider list` shows what it finds.")
    else:
        took_ms = found.latency / timedelta(milliseconds=1)
        screen.paragraph(
            f"{name} is {'healthy' if found.healthy else 'not healthy'}: {found.detail} ({took_ms:.0f} ms)"
        )


@provider.command()
@click.argument("name", metavar="PROVIDER", shell_complete=names.providers)
@click.option("--to", help="For whom: an address of mail, where the provider sends mail.")
@click.option("--wait", type=DurationType(), default="1m", show_default=True, help="How long to wait for its end.")
@output
def test(screen: Screen, name: str, to: str | None, wait: timedelta) -> None:
    """Send one real job through a worker, as a test mail, and say what became of it."""
    from leeward import Priority
    from leeward_admin.providers.trial import trial_at

    with fleet() as admin:
        admin.providers.state(name)
        job = trial_at(name, to, admin.record.queues())
        enqueued = admin.jobs.enqueue(job, priority=Priority.INTERACTIVE, deadline=timedelta(hours=1))
        began = time.monotonic()
        result = admin.jobs.result(enqueued.job_id, timeout=wait)
        took_ms = round((time.monotonic() - began) * 1000)
    if screen.as_json:
        screen.document({"job": enqueued.job_id, "kind": job.kind, "milliseconds": took_ms, "result": result})
        return
    screen.line(f"{name} has done {job.kind} ({enqueued.job_id}) within {took_ms} ms.")
    for field, value in (result if isinstance(result, dict) else {"result": result}).items():
        screen.line(f"{field}: {value}")


def _pair(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals or not name:
        raise click.UsageError(f"{text!r} is not SETTING=VALUE, as limit=8.")
    return name, value


def _tell(screen: Screen, state: "GuardState") -> None:
    if screen.as_json:
        screen.document(document_of(state))
    else:
        screen.paragraph(summary_of(state))
