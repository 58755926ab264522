"""`leeward accounts extend`."""

from datetime import datetime, timedelta

import click

from console.cli.accounts.show import PROVIDER
from console.cli.fleet import fleet, who
from console.cli.terminal.duration import DurationType
from console.cli.terminal.output import output
from console.cli.terminal.screen import Screen
from console.cli.terminal.tables.cells import json_value
from console.cli.terminal.time_text import when


@click.command()
@click.argument("user", metavar="USER")
@PROVIDER
@click.option("--by", type=DurationType(), help="So much longer, as 30d; from now on where its end is over.")
@click.option("--until", metavar="INSTANT", help="Until then, for example 2027-01-31T09:00:00+01:00.")
@click.option("--never", is_flag=True, help="Without an end.")
@output
def extend(
    screen: Screen, user: str, *, provider: str | None, by: timedelta | None, until: str | None, never: bool
) -> None:
    """Give an account another end, and enable it where it was disabled."""
    if [by is not None, until is not None, never].count(True) != 1:
        raise click.UsageError("Until when? Give one of --by, --until and --never.")
    with fleet() as admin:
        account = admin.accounts.get(user, provider)
        request = admin.accounts.extend(account, who=who(), by=by, until=_instant(until), never=never)
    end = request.account.expires_at
    if screen.as_json:
        screen.document(
            {"provider": account.provider, "user": account.user, "expires_at": json_value(end), "job": request.job_id}
        )
        return
    screen.line(f"{account.user} at {account.provider} ends: {'never' if end is None else when(end)}")
    screen.remark(f"Its provider is asked by the job {request.job_id}.")


def _instant(text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise click.BadParameter("write it as 2027-01-31T09:00:00+01:00", param_hint="--until") from None
    if found.tzinfo is None:
        raise click.BadParameter("add a time zone, as 2027-01-31T09:00:00+01:00", param_hint="--until")
    return found
