"""`leeward dlq replay`."""

from typing import TYPE_CHECKING, Any

import click

from console.cli.dlq.filter_options import any_chosen, conditions, filter_from, unknown_in
from console.cli.dlq.replays.followed import follow
from console.cli.dlq.replays.replay_output import show_held_back, show_plan, tell_of_creation
from console.cli.exit_code import ExitCode, Failed
from console.cli.fleet import fleet, who
from console.cli.terminal.confirmation import confirm
from console.cli.terminal.output import output
from console.cli.terminal.screen import Screen

if TYPE_CHECKING:
    from leeward_admin import Admin, Filter


@click.command()
@click.argument("dead_letters", metavar="[ID]...", nargs=-1)
@conditions
@click.option("--canary", type=click.IntRange(min=0), help="Try this many first. [default: 5 with a filter]")
@click.option("--canary-failures", type=click.IntRange(min=0), default=0, help="This many of them may die again.")
@click.option("--rate", type=click.FloatRange(min=0, min_open=True), help="At most this many per second.")
@click.option("--rate-per-provider", type=click.FloatRange(min=0, min_open=True), help="The same for each provider.")
@click.option(
    "--stop-at", type=click.FloatRange(0, 1, min_open=True), help="Stop when more than this share dies again."
)
@click.option("--include-unknown", is_flag=True, help="Also unknown_outcome ones: their effect may have happened.")
@click.option(
    "--unsafe-ok",
    metavar="REASON",
    help="Also replay letters of actors that are not idempotent; give the reason why that is safe.",
)
@click.option("--limit", type=click.IntRange(min=1), help="Only this many, the oldest.")
@click.option("--note", default="", help="The reason; stored in the audit.")
@click.option("--dry-run", is_flag=True, help="Only show what would be done.")
@click.option("--plan-only", is_flag=True, help="Create the replay, but do not start it.")
@click.option("--detach", is_flag=True, help="Leave it to the worker hosts, and return at once.")
@click.option("--no-wait", is_flag=True, help="Return when all are enqueued; worker hosts do the rest.")
@click.option("--yes", is_flag=True, help="Do not ask for confirmation.")
@output
@click.pass_context
def replay(
    context: click.Context,
    /,
    screen: Screen,
    *,
    dead_letters: tuple[str, ...],
    dry_run: bool,
    plan_only: bool,
    detach: bool,
    no_wait: bool,
    yes: bool,
    note: str,
    **chosen: Any,
) -> None:
    """Try dead jobs again: as new jobs in the lane `bulk`, with the same idempotency keys and no attempts used.

    The set is fixed at the beginning. A few are enqueued first (the canary); the rest follows when they have succeeded. A replay waits
    while a provider's circuit is open, and stops when too many die again. Ctrl-C pauses it; if this command dies, worker hosts continue.

    Left out unless named by id: dead letters whose outcome is unknown (--include-unknown). Refused unless named by id: those of
    actors that are not idempotent (--unsafe-ok).
    """
    rules_chosen = {rule: chosen.pop(option) for option, rule in _RULES.items()}
    unsafe_ok, limit = chosen.pop("unsafe_ok"), chosen.pop("limit")
    include_unknown = chosen.pop("include_unknown")
    if not (dead_letters or include_unknown or any_chosen(chosen)):
        raise click.UsageError("Give ids, or a filter such as --reason exhausted --provider media.")
    from leeward_admin import Selection, careful_rules

    filter_ = filter_from(chosen, dead_letters)
    rules = careful_rules(filter_, **rules_chosen, include_unknown=include_unknown, unsafe_ok=unsafe_ok)
    selection = Selection(filter=filter_, include_unknown=include_unknown, unsafe_ok=unsafe_ok is not None, limit=limit)
    with fleet() as admin:
        admin.dead_letters.require(filter_.ids)
        if dry_run:
            show_plan(screen, admin.replays.plan(selection), rules)
            return
        admin.dead_letters.drain()
        plan = admin.replays.plan(selection)
        if not (plan.letters or plan.refused):
            context.exit(_nothing(screen, admin, filter_, plan.held_back))
        confirm(f"Replay {plan.letters:,} dead letters?", changes=plan.letters, yes=yes, as_json=screen.as_json)
        made = admin.replays.create(selection, rules, who=who(), note=note, start=not plan_only)
        tell_of_creation(screen, made, plan.held_back)
        if not (plan_only or detach):
            context.exit(follow(screen, admin.replays, made.id, until_enqueued=no_wait))


_RULES = {
    "canary": "canary",
    "canary_failures": "canary_failures",
    "rate": "per_second",
    "rate_per_provider": "per_second_each",
    "stop_at": "stop_ratio",
}
"""Options, and what they are called in the rules."""


def _nothing(screen: Screen, admin: "Admin", filter_: "Filter", held_back: int) -> ExitCode:
    if filter_.ids:
        raise Failed(
            "nothing to replay: the named dead letters are not failed or reviewing any more", ExitCode.CONFLICT
        )
    if screen.as_json:
        screen.record({"summary": {}, "held_back": held_back})
    else:
        screen.remark("No dead letter matches that could be replayed.")
        for said in unknown_in(admin, filter_):
            screen.remark(said)
        show_held_back(screen, held_back)
    return ExitCode.OK
