"""`leeward accounts sync`."""

from typing import TYPE_CHECKING

import click

from console.cli.accounts.show import PROVIDER
from console.cli.exit_code import ExitCode
from console.cli.fleet import fleet, who
from console.cli.terminal.output import listing_output
from console.cli.terminal.screen import Screen
from console.cli.terminal.tables.listing import Column, Listing

if TYPE_CHECKING:
    from leeward_admin import AccountRequest

REQUESTS: "Listing[AccountRequest]" = Listing(
    name="requests",
    columns=(
        Column(key="provider", value=lambda request: request.account.provider),
        Column(key="user", value=lambda request: request.account.user, cut=True),
        Column(key="wanted", value=lambda request: request.account.wanted),
        Column(key="job_id", heading="job", value=lambda request: request.job_id, short=True),
    ),
)


@click.command()
@click.argument("users", metavar="[USER]...", nargs=-1)
@click.option("--pending", is_flag=True, help="Every account that its provider has not confirmed.")
@PROVIDER
@click.option("--limit", type=click.IntRange(1, 100_000), default=500, show_default=True, help="At most this many.")
@listing_output
def sync(screen: Screen, users: tuple[str, ...], *, pending: bool, provider: str | None, limit: int) -> ExitCode:
    """Ask providers again to bring about what is wanted of accounts.

    The fleet does so by itself, with growing pauses; this is for a person who does not want to wait, or has repaired something. An account
    that is missing at its provider is not created: replay the dead letter of its job, or register it again.
    """
    if bool(users) == pending:
        raise click.UsageError("Which accounts? Name some, or give --pending.")
    from leeward.errors import LeewardError
    from leeward_admin.accounts import PENDING

    done, failed = [], 0
    with fleet() as admin:
        if pending:
            found = admin.accounts.list(PENDING, provider=provider, limit=limit)
        else:
            found = [admin.accounts.get(user, provider) for user in users]
        for account in found:
            try:
                done.append(admin.accounts.sync(account, who=who()))
            except LeewardError as error:  # the others are not to blame
                failed += 1
                screen.remark(f"{account.provider}/{account.user}: {error}")
    screen.listing(REQUESTS, done, beside={"failed": failed}, empty="No account is pending." if not failed else "")
    if done and not screen.is_for_programs:
        screen.remark("What becomes of one: `leeward accounts show USER`")
    return ExitCode.FAILED if failed else ExitCode.OK
