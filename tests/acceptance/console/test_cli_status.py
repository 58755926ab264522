"""The fleet at a glance, from the command line."""

import re

from console.cli.exit_code import ExitCode
from tests.acceptance.console.leeward import Command


def test_the_command_alone_is_the_fleet_at_a_glance(leeward: Command) -> None:
    leeward("enqueue", "sync.user", "--set", "user=alice")
    leeward("provider", "pause", "jellyfin", "--because", "upgrade")

    said = leeward().out

    assert re.search(r"jellyfin +paused +1 +0", said)
    assert re.search(r"sync\.jellyfin +no worker +1", said)
    assert "- workers: no worker is running: 1 job waits\n    leeward worker\n" in said
    assert "- jellyfin: paused: 1 job waits; upgrade\n    leeward provider resume jellyfin\n" in said
    assert said.partition("\nWorkers:")[2] == leeward("status").out.partition("\nWorkers:")[2]
    assert max(map(len, said.splitlines())) <= 80
    document = leeward("status", "--json").json()
    assert [need["commands"] for need in document["needs"]] == [
        ["leeward worker"],
        ["leeward provider resume jellyfin"],
    ]
    assert leeward("workers", "--json").json() == {"workers": []}


def test_without_servers_it_says_how_to_begin(lonely: Command) -> None:
    said = lonely(expect=ExitCode.FAILED).err

    assert "`leeward up` starts servers, workers and a scheduler" in said
    assert "`leeward --help` lists all commands" in said


def test_verbs_of_former_releases_name_their_successors(lonely: Command) -> None:
    for former, now in (("open", "pause"), ("close", "force"), ("auto", "resume")):
        said = lonely("provider", former, "jellyfin", expect=ExitCode.USAGE).err
        assert f"`leeward provider {former}` is now `leeward provider {now}`" in said
