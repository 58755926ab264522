"""A provider that is switched off and on again from the command line."""

from console.cli.exit_code import ExitCode
from tests.acceptance.console.leeward import Command


def test_a_provider_that_is_off_refuses_new_jobs_and_says_so_everywhere(leeward: Command) -> None:
    waiting = leeward("enqueue", "sync.user", "--set", "user=alice", "--json").json()["job"]

    assert "switched off by an operator" in leeward.installed("provider", "disable", "jellyfin").out

    refused = leeward("enqueue", "sync.user", "--set", "user=bob", expect=ExitCode.FAILED)
    assert "jellyfin is switched off and takes no new jobs" in refused.err
    assert "disabled" in leeward("provider", "list").out
    assert leeward("provider", "show", "jellyfin", "--json").json()["config"]["enabled"] is False
    assert "disabled" in leeward("queues").out
    reasons = {reason["guard"]: reason for reason in leeward("job", "why", waiting, "--json").json()["reasons"]}
    assert reasons["disabled"]["actions"] == [{"kind": "enable_provider", "arguments": {"provider": "jellyfin"}}]
    said = leeward("job", "why", waiting).out
    assert "jellyfin is switched off by an operator: run `leeward provider enable jellyfin`" in said

    leeward("provider", "enable", "jellyfin")
    assert leeward("provider", "show", "jellyfin", "--json").json()["overrides"] == {}
    leeward("enqueue", "sync.user", "--set", "user=bob")
