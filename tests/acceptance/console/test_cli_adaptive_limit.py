"""An adaptive limit, switched on and looked at from the command line."""

from console.cli.exit_code import ExitCode
from tests.acceptance.console.leeward import Command


def test_an_adaptive_limit_is_switched_on_for_the_fleet_and_says_what_is_in_force(leeward: Command) -> None:
    leeward("enqueue", "sync.user", "--set", "user=alice")
    leeward("provider", "set", "jellyfin", "limit=50", "adaptive=true", "floor=2")

    assert "2 of 50" in leeward.installed("provider", "list").out
    assert "2 of 50 may run at once: it has just begun." in leeward("provider", "show", "jellyfin").out
    shown = leeward("provider", "show", "jellyfin", "--json").json()
    assert (shown["limit"], shown["limit_because"]) == (2, "it has just begun")
    assert shown["config"]["adaptive"] is True


def test_what_an_adaptive_limit_lacks_is_said(leeward: Command) -> None:
    leeward("enqueue", "sync.user", "--set", "user=alice")

    refused = leeward.installed("provider", "set", "jellyfin", "limit=0", "adaptive=true", expect=ExitCode.USAGE)

    assert "adaptive needs a limit as its ceiling" in refused.err
