"""Whatever is almost right gets the right name."""

import click
import pytest

from console.cli.terminal.choice import NearestChoice
from console.cli.terminal.group import CommandGroup
from leeward_admin import Names


@click.group(cls=CommandGroup, renamed={"open": "pause"})
def steer() -> None:
    """Steers."""


@steer.command()
@click.option("--state", type=NearestChoice(["failed", "requeued"]))
def pause(state: str | None) -> None:
    """Pauses."""


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["puase"], "(Did you mean 'pause'?)"),
        (["open"], "`steer open` is now `steer pause`: use that."),
        (["pause", "--state", "faild"], "Did you mean 'failed'?"),
        (["pause", "--stat", "failed"], "(Did you mean '--state'?)"),
    ],
)
def test_the_nearest_is_named(arguments: list[str], said: str) -> None:
    with pytest.raises(click.UsageError) as wrong:
        steer.main(arguments, prog_name="steer", standalone_mode=False)

    assert said.strip("()") in wrong.value.format_message()


def test_names_that_the_fleet_does_not_have_are_reported_with_the_nearest() -> None:
    names = Names(("email.smtp", "sync.jellyfin"), ("sync.user",), ("expire.accounts",))

    assert names.providers == ("jellyfin", "smtp")
    assert names.unknown("provider", ["jelyfin", "smtp"]) == ["There is no provider jelyfin: did you mean jellyfin?"]
    assert names.unknown("queue", ["x"]) == ["There is no queue x: the fleet has email.smtp, sync.jellyfin."]
    assert names.unknown("actor", ["expire.accounts", "sync.user"]) == []
    assert Names((), ()).unknown("kind", ["x"]) == ["There is no kind x: the fleet has none yet."]
