"""`leeward webhooks list|receive`: what outside services send to the fleet."""

from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import click

from console.cli.fleet import fleet
from console.cli.terminal.group import CommandGroup
from console.cli.terminal.output import listing_output, output
from console.cli.terminal.screen import Screen
from console.cli.terminal.tables.listing import Column, Listing

if TYPE_CHECKING:
    from leeward_admin import Receipt

RECEIVERS: "Listing[str]" = Listing(name="receivers", columns=(Column(key="provider", value=lambda name: name),))


@click.group(cls=CommandGroup)
def webhooks() -> None:
    """Webhooks that outside services send."""


@webhooks.command(name="list")
@listing_output
def list_(screen: Screen) -> None:
    """List the providers that take webhooks."""
    with fleet() as admin:
        screen.listing(
            RECEIVERS, admin.webhooks.receivers(), empty="No provider that is configured here takes webhooks."
        )


@webhooks.command()
@click.argument("provider")
@click.argument("body", type=click.File("rb"), default="-")
@click.option(
    "--header",
    "-H",
    "headers",
    metavar="NAME: VALUE",
    multiple=True,
    help="A header of the request. @FILE reads such lines from a file, which keeps a secret out of the list of processes.",
)
@output
def receive(screen: Screen, *, provider: str, body: BinaryIO, headers: tuple[str, ...]) -> None:
    """Take one webhook as if it had arrived over HTTP.

    BODY is a file; - or nothing reads standard input. The webhook is verified, taken once, and answered with a job.
    """
    given = dict(_header(line) for text in headers for line in _lines(text))
    with fleet() as admin:
        _show(screen, admin.webhooks.receive(provider, given, body.read()))


def _lines(text: str) -> list[str]:
    if not text.startswith("@"):
        return [text]
    try:
        return [line for line in Path(text[1:]).read_text(encoding="utf-8").splitlines() if line.strip()]
    except (OSError, UnicodeDecodeError) as error:
        raise click.BadParameter(f"{text[1:]} cannot be read: {error}", param_hint="--header") from None


def _header(line: str) -> tuple[str, str]:
    name, colon, value = line.partition(":")
    if not colon or not name.strip():
        raise click.BadParameter("write it as Name: value", param_hint="--header")
    return name.strip(), value.strip()


def _show(screen: Screen, receipt: "Receipt") -> None:
    if screen.is_for_programs:
        screen.document({"outcome": receipt.outcome.value, "job_id": receipt.job_id})
    else:
        screen.line(said_of(receipt))


def said_of(receipt: "Receipt") -> str:
    """What became of a webhook, for people."""
    from leeward_admin import WebhookOutcome

    match receipt.outcome:
        case WebhookOutcome.ACCEPTED:
            return f"Accepted: job {receipt.job_id} asks the service."
        case WebhookOutcome.DUPLICATE if receipt.job_id is None:
            return "Duplicate: an earlier one is being taken right now."
        case WebhookOutcome.DUPLICATE:
            return f"Duplicate: job {receipt.job_id} of an earlier one asks the service."
        case WebhookOutcome.IGNORED:
            return "Ignored: it needs nothing."
