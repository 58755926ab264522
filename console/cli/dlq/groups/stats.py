"""`leeward dlq stats`."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from console.cli.commands import commands
from console.cli.dlq.groups.documents import statistics_document, ungrouped_remark
from console.cli.fleet import fleet
from console.cli.terminal.output import output
from console.cli.terminal.screen import Screen
from console.cli.terminal.time_text import span_text

if TYPE_CHECKING:
    from leeward_admin import Age, Deaths, Part, Rate, Share, Statistics


@click.command()
@output
def stats(screen: Screen) -> None:
    """Show how fast jobs die compared with the usual rate, how long open letters wait, and what needs attention now."""
    with fleet() as admin:
        found = admin.failure_groups.statistics(now=datetime.now(UTC))
    if screen.as_json:
        screen.document(statistics_document(found))
        return
    _show_deaths(screen, found.deaths)
    _show_shares(screen, found.shares or [])
    _show_ages(screen, found.ages)
    _show_attention(screen, found)


def _show_deaths(screen: Screen, deaths: "list[Deaths]") -> None:
    spans = [span_text(rate.span) for rate in deaths[0].rates] if deaths else []
    screen.line("Deaths, and per hour compared with the period before:" if deaths else "No job died in two weeks.")
    if deaths:
        columns = ("provider", "operation", *(f"last {span}" for span in spans))
        screen.table(columns, [(one.provider, one.operation, *map(_rate, one.rates)) for one in deaths])


def _rate(rate: "Rate") -> str:
    return f"{rate.letters:,} ({_number(rate.per_hour)}/h, usually {_number(rate.usual_per_hour)})"


def _number(rate: float) -> str:
    return f"{rate:,.0f}" if rate >= 10 or rate == 0 else f"{rate:.2g}"  # noqa: PLR2004 # two figures are enough


def _show_shares(screen: Screen, shares: "list[Share]") -> None:
    if shares:
        screen.line("Share of the provider's jobs that ended dead:")
        columns = ("provider", "operation", *(f"last {span_text(part.span)}" for part in shares[0].parts))
        screen.table(columns, [(one.provider, one.operation, *map(_part, one.parts)) for one in shares])


def _part(part: "Part") -> str:
    if part.share is None:
        return "-"
    return f"{_number(100 * part.share)}% ({part.died:,} of {part.ended:,})"


def _show_ages(screen: Screen, ages: "list[Age]") -> None:
    least = list(dict.fromkeys(age.least for age in ages))
    under = {age.least: age.under for age in ages}
    names = [
        f"over {span_text(age)}" if under[age] is None else f"under {span_text(under[age] or age)}" for age in least
    ]
    letters = {(age.state, age.least): age.letters for age in ages}
    states = list(dict.fromkeys(age.state for age in ages))
    screen.line("Open, by age:")
    screen.table(("state", *names), [(state, *(f"{letters[state, age]:,}" for age in least)) for state in states])


def _show_attention(screen: Screen, found: "Statistics") -> None:
    screen.line("Needs attention:" if found.attention else "Nothing needs attention.")
    for one in found.attention:
        screen.paragraph(f"{one.need.value.replace('_', ' ')}: {one.why}", after="- ")
        for command in commands(one.actions):
            screen.line(f"    {command}")
    if found.healthy is None:
        screen.remark(
            "Valkey does not answer, so it is not known which providers are healthy and which groups are ready to be replayed."
        )
    if found.ungrouped:
        screen.remark(ungrouped_remark(found.ungrouped))
