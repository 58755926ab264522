"""`python -m providers.plextv`, at the simulated plex.tv."""

import stat
from pathlib import Path
from typing import Any

import pytest

from providers.plextv.__main__ import main
from simulators.plextv.server import PlexTvSimulator, Settings

BOX: dict[str, Any] = {
    "name": "Box",
    "clientIdentifier": "b",
    "provides": "server",
    "accessToken": "at-the-box",
    "owned": True,
    "connections": [
        {"uri": "https://relay.example", "relay": True},
        {"uri": "https://10-0-0-2.b.plex.direct:32400", "local": True},
    ],
}
OTHER = BOX | {"name": "Attic", "accessToken": "at-the-attic"}
SHARED = BOX | {"name": "Friend", "accessToken": "at-the-friend", "owned": False}
CLAIMED = {"*": "simulated-account-token"}


def run(token_file: Path, servers: list[dict[str, Any]], *more: str) -> int:
    settings = Settings(servers=servers, claimed=CLAIMED)
    with PlexTvSimulator(settings=settings) as plextv:
        ours = ["--client-identifier", "leeward-test", "--token-file", str(token_file)]
        return main([*ours, "--url", plextv.url, "--clients-url", plextv.url, *more])


def test_the_token_of_the_server_is_in_a_file_that_its_owner_alone_can_read(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    token_file = tmp_path / "plex"
    token_file.write_text("an older one")

    assert run(token_file, [SHARED, BOX]) == 0

    assert token_file.read_text() == "at-the-box\n"
    assert stat.S_IMODE(token_file.stat().st_mode) == 0o600
    said = capsys.readouterr().out
    assert "https://app.plex.tv/auth#?clientID=leeward-test" in said
    assert "Signed in as alice. The token of Box" in said
    assert said.index("plex.direct:32400 (local)") < said.index("https://relay.example (relay)")
    assert "at-the-box" not in said
    assert "simulated-account-token" not in said


def test_of_several_servers_one_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(tmp_path / "plex", [BOX, OTHER]) == 1
    assert "Say with --server which server is meant" in capsys.readouterr().err
    assert run(tmp_path / "plex", [BOX, OTHER], "--server", "attic") == 0
    assert (tmp_path / "plex").read_text() == "at-the-attic\n"


def test_an_account_without_a_server_of_its_own(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(tmp_path / "plex", [SHARED]) == 1
    assert "owns: none" in capsys.readouterr().err
    assert not (tmp_path / "plex").exists()


def test_an_identifier_that_cannot_be_one(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--client-identifier", "short", "--token-file", str(tmp_path / "plex")]) == 2
    assert "client_identifier" in capsys.readouterr().err
