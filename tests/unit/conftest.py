"""A unit test starts no process and no server: those are integration tests, in the folder of the same name."""

import os
import subprocess

import pytest

SERVERS = {"valkey_server", "own_valkey", "postgres_server", "own_postgres", "start_process"}


@pytest.fixture(autouse=True)
def _no_process_and_no_server(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = SERVERS & set(request.fixturenames)
    assert not asked, f"a unit test needs no {', '.join(sorted(asked))}: move it to tests/integration"

    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("a unit test starts no process: move it to tests/integration")

    for name in ("fork", "forkpty", "posix_spawn", "posix_spawnp", "system"):
        monkeypatch.setattr(os, name, refuse)
    monkeypatch.setattr(subprocess.Popen, "__init__", refuse)
