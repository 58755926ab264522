"""`leeward dlq pause`, `resume` and `cancel`."""

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import click

from console.cli.dlq.replays.documents import replay_document
from console.cli.dlq.replays.followed import follow
from console.cli.fleet import fleet, who
from console.cli.terminal.output import output
from console.cli.terminal.screen import Screen

if TYPE_CHECKING:
    from leeward_admin import Replay, Rules

_RATE = click.FloatRange(min=0, min_open=True)


@click.command()
@click.argument("replay", metavar="ID")
@output
def pause(screen: Screen, *, replay: str) -> None:
    """Enqueue nothing more of a replay until it is resumed. Jobs that it has enqueued still run."""
    with fleet() as admin:
        _tell(screen, admin.replays.pause(admin.replays.id_of(replay), who=who()))


@click.command()
@click.argument("replay", metavar="ID")
@output
def cancel(screen: Screen, *, replay: str) -> None:
    """End a replay for good. Jobs that it has enqueued still run; the other dead letters are unchanged."""
    with fleet() as admin:
        _tell(screen, admin.replays.cancel(admin.replays.id_of(replay), who=who()))


@click.command()
@click.argument("replay", metavar="ID")
@click.option("--rate", type=_RATE, help="From now on at most this many per second.")
@click.option("--rate-per-provider", type=_RATE, help="The same for each provider.")
@click.option("--canary", type=click.IntRange(min=0), help="Try this many first, if it was stopped.")
@click.option(
    "--stop-at", type=click.FloatRange(0, 1, min_open=True), help="Stop when more than this share dies again."
)
@click.option("--detach", is_flag=True, help="Leave it to the worker hosts, and return at once.")
@output
@click.pass_context
def resume(context: click.Context, /, screen: Screen, *, replay: str, detach: bool, **chosen: Any) -> None:
    """Start a planned replay, continue one that was paused or stopped, or change the rules of one that runs."""
    with fleet() as admin:
        id_ = admin.replays.id_of(replay)
        current = admin.replays.get(id_).replay
        resumed = admin.replays.resume(id_, rules=_changed(current.rules, chosen), version=current.version)
        _tell(screen, resumed)
        if not detach:
            context.exit(follow(screen, admin.replays, id_))


def _changed(rules: "Rules", chosen: dict[str, Any]) -> "Rules":
    names = {
        "rate": "per_second",
        "rate_per_provider": "per_second_each",
        "canary": "canary",
        "stop_at": "stop_ratio",
    }
    return replace(rules, **{names[name]: value for name, value in chosen.items() if value is not None})


def _tell(screen: Screen, replay: "Replay") -> None:
    if screen.as_json:
        screen.record(replay_document(replay))
    else:
        screen.line(f"Replay {replay.id} is {replay.state.value}.")
