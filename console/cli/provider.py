"""`leeward provider ...`: the guards of each provider, seen and steered."""

from dataclasses import asdict, fields
from datetime import timedelta
from typing import TYPE_CHECKING

import click

from console.cli.fleet import fleet, who
from console.cli.terminal.duration import DurationType
from console.cli.terminal.screen import Screen, output
from console.provider_views import actor_row, because, diagnosis_of, document_of, limit_of, mode_of, written

if TYPE_CHECKING:
    from leeward_admin import GuardState

COLUMNS = ("provider", "circuit", "mode", "running", "limit", "rate/s", "health", "because")
ACTOR_COLUMNS = ("actor", "queue", "running", "limit", "rate/s", "burst", "slow", "observe")
SHOWN_EVENTS = 20

ACTOR_HELP = (
    "The own numbers of one actor there, as sync.user, instead of the provider's: limit, rate, burst, slow, observe."
)


@click.group()
def provider() -> None:
    """Look at a provider's guards, and steer them for the whole fleet."""


@provider.command("list")
@output
def list_(screen: Screen) -> None:
    """Show every provider: its circuit, its permits, its health."""
    with fleet() as admin:
        states = [(state, admin.providers.health(state.provider)) for state in admin.providers.states()]
    if screen.as_json:
        screen.document(
            {
                "providers": [
                    document_of(state) | {"healthy": found and found.healthy, "diagnosis": diagnosis_of(state)}
                    for state, found in states
                ]
            }
        )
        return
    rows = []
    for state, found in states:
        health = "unknown" if found is None else "healthy" if found.healthy else f"unhealthy: {found.detail}"
        row = (state.provider, state.state, mode_of(state), state.in_use, limit_of(state), state.config.rate or "none")
        rows.append((*row, health, because(state)))
    screen.table(COLUMNS, rows)


@provider.command()
@click.argument("name", metavar="PROVIDER")
@output
def show(screen: Screen, name: str) -> None:
    """Show one provider: state, numbers, and what happened lately."""
    with fleet() as admin:
        state, events = admin.providers.state(name), admin.providers.transitions(name, SHOWN_EVENTS)
    if screen.as_json:
        listed = [asdict(event) | {"at": event.at.isoformat()} for event in events]
        screen.document(document_of(state) | {"diagnosis": diagnosis_of(state), "events": listed})
        return
    screen.line(f"{name}: {state.state}, mode {mode_of(state)}. {because(state)}")
    screen.line(f"{state.in_use} jobs run; {state.probes} of them are probes.")
    if state.limit_because:
        screen.line(f"{limit_of(state)} may run at once: {state.limit_because}.")
    if most := state.config.most_of_a_partition:
        screen.line(f"{most} jobs of one partition may run at once.")
    for group, until in state.sick.items():
        screen.line(f"{group} is held back alone until {until.isoformat()}: only its calls fail.")
    numbers = [(field.name, getattr(state.config, field.name)) for field in fields(state.config)]
    screen.table(("setting", "value"), [(setting, written(value)) for setting, value in numbers])
    if state.actors:
        screen.table(ACTOR_COLUMNS, [actor_row(queue, own) for queue, own in state.actors.items()])
    if state.overrides:
        numbers_set = ", ".join(sorted(state.overrides)).replace("@", " of ")
        screen.remark(f"Set by operators: {numbers_set}. `leeward provider reset {name}` gives them back.")
    screen.table(("at", "event", "cause", "by"), [(e.at.isoformat(), e.event, e.cause, e.by) for e in events])


def _mode_command(verb: str, mode: str, text: str, *, takes_until: bool = False) -> None:
    @provider.command(verb, help=text)
    @click.argument("name", metavar="PROVIDER")
    @click.option(
        "--for",
        "span",
        type=DurationType() if takes_until else None,
        hidden=not takes_until,
        help="End by itself after this duration, as 2h.",
    )
    @click.option("--because", default="", help="Why, for those who look later.")
    @output
    def command(screen: Screen, name: str, span: timedelta | None, because: str) -> None:
        from leeward_admin import Mode

        with fleet() as admin:
            state = admin.providers.steer(name, Mode(mode), who(), because or f"`leeward provider {verb}`", span)
        _tell(screen, state)


_mode_command(
    "open", "forced_open", "Hand out none of its jobs, as for maintenance. They wait at no cost.", takes_until=True
)
_mode_command("close", "forced_closed", "Keep its circuit closed whatever fails.", takes_until=True)
_mode_command("auto", "auto", "Let its circuit decide again; an open one finds out at once.")
_mode_command("observe", "observe", "Count and report what the circuit would do, and block nothing.")


@provider.command()
@click.argument("name", metavar="PROVIDER")
@output
def disable(screen: Screen, name: str) -> None:
    """Switch it off: new jobs are refused, and those that wait stay until `enable`."""
    with fleet() as admin:
        state = admin.providers.disable(name, who())
    _tell(screen, state)


@provider.command()
@click.argument("name", metavar="PROVIDER")
@output
def enable(screen: Screen, name: str) -> None:
    """Switch it on: what waits is handed out again, at once."""
    with fleet() as admin:
        state = admin.providers.enable(name, who())
    _tell(screen, state)


@provider.command("set")
@click.argument("name", metavar="PROVIDER")
@click.argument("values", metavar="SETTING=VALUE", nargs=-1)
@click.option("--limit", type=int, help="Jobs that may run at once in the whole fleet; 0 for no limit.")
@click.option("--rate", type=float, help="Jobs that may start per second in the whole fleet; 0 for no limit.")
@click.option("--actor", help=ACTOR_HELP)
@output
def set_(
    screen: Screen, name: str, values: tuple[str, ...], limit: int | None, rate: float | None, actor: str | None
) -> None:
    """Change numbers for the whole fleet, at once and without a restart: limit=8 rate=5 open_for=30s."""
    chosen = dict(_pair(value) for value in values)
    chosen |= {key: str(given) for key, given in (("limit", limit), ("rate", rate)) if given is not None}
    if not chosen:
        raise click.UsageError("Say what to set, as limit=8 or open_for=30s.")
    with fleet() as admin:
        state = admin.providers.set(name, who(), chosen, actor)
    _tell(screen, state)


@provider.command()
@click.argument("name", metavar="PROVIDER")
@click.argument("settings", metavar="SETTING", nargs=-1)
@click.option("--actor", help=ACTOR_HELP)
@output
def reset(screen: Screen, name: str, settings: tuple[str, ...], actor: str | None) -> None:
    """Give numbers, or all, back to the configuration of the workers, at once."""
    with fleet() as admin:
        state = admin.providers.reset(name, who(), *settings, actor=actor)
    _tell(screen, state)


@provider.command()
@click.argument("name", metavar="PROVIDER")
@output
def probe(screen: Screen, name: str) -> None:
    """Have a worker look at its health now."""
    with fleet() as admin:
        job_id = admin.providers.probe(name)
    if screen.as_json:
        screen.document({"job": job_id})
    else:
        screen.line(f"{job_id} looks at {name}; `leeward provider list` shows what it finds.")


def _pair(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals or not name:
        raise click.UsageError(f"{text!r} is not SETTING=VALUE, as limit=8.")
    return name, value


def _tell(screen: Screen, state: "GuardState") -> None:
    if screen.as_json:
        screen.document(document_of(state))
    else:
        screen.line(f"{state.provider}: {state.state}, mode {mode_of(state)}. {because(state)}")
