"""The fixtures in a project of another service: its own pytest, its own folder."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

SERVICE = """
import asyncio

from leeward import AsyncLeeward, Leeward, SyncUser

ALICE = SyncUser(user="alice")


def test_the_fake_is_fresh(fake_leeward):
    fake_leeward.assert_not_enqueued()
    fake_leeward.enqueue(ALICE)
    assert isinstance(fake_leeward, Leeward)


def test_the_fake_is_fresh_again(fake_leeward):
    fake_leeward.assert_not_enqueued()


def test_both_fakes_are_one_fleet(fake_async_leeward, fake_leeward):
    asyncio.run(fake_async_leeward.enqueue(ALICE))
    assert fake_leeward.jobs == fake_async_leeward.jobs
    assert isinstance(fake_async_leeward, AsyncLeeward)


def test_the_server_is_real(leeward_server):
    with Leeward(leeward_server.url) as fleet:
        assert not fleet.enqueue(ALICE, idempotency_key="k").duplicate
        assert fleet.enqueue(ALICE, idempotency_key="k").duplicate


def test_the_server_is_empty_for_every_test(leeward_server):
    with Leeward(leeward_server.url) as fleet:
        assert not fleet.enqueue(ALICE, idempotency_key="k").duplicate
"""
STRANGER = """
import sys

def test_nothing_was_imported_that_is_not_used():
    heavy = {"leeward.client", "leeward.testing.fake", "pydantic", "dramatiq", "redis"} & set(sys.modules)
    assert "leeward.testing.pytest_plugin" in sys.modules
    assert not heavy
"""
FAILING = """
from leeward import SendEmail

def test_a_welcome(fake_leeward):
    fake_leeward.assert_enqueued(SendEmail, subject="Welcome")
"""


def run_pytest(folder: Path, code: str, *, plugin: str = "leeward") -> subprocess.CompletedProcess[str]:
    (folder / "test_service.py").write_text(code)
    # Other plugins of this environment are not the service's: only ours is loaded by its entry point's name.
    environment = {"PATH": os.environ["PATH"], "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTEST_PLUGINS": ""}
    command = [sys.executable, "-m", "pytest", "-p", plugin, "-q", "-W", "error", "-c", os.devnull, "--rootdir=."]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)


def test_the_fixtures_are_there_and_every_test_begins_with_an_empty_fleet(tmp_path: Path) -> None:
    done = run_pytest(tmp_path, SERVICE)

    assert done.returncode == 0, done.stdout + done.stderr
    assert "5 passed" in done.stdout


def test_a_project_that_does_not_use_it_loads_nothing_else(tmp_path: Path) -> None:
    done = run_pytest(tmp_path, STRANGER)

    assert done.returncode == 0, done.stdout + done.stderr


def test_a_failed_assertion_shows_the_test_and_not_the_fake(tmp_path: Path) -> None:
    done = run_pytest(tmp_path, FAILING)

    assert "no email.send job with subject='Welcome' was enqueued." in done.stdout
    assert "assertions.py" not in done.stdout


def test_it_can_be_switched_off(tmp_path: Path) -> None:
    done = run_pytest(tmp_path, SERVICE, plugin="no:leeward")

    assert "fixture 'fake_leeward' not found" in done.stdout


def test_the_package_names_the_plugin() -> None:
    from importlib.metadata import entry_points

    (found,) = entry_points(group="pytest11", name="leeward")

    assert found.value == "leeward.testing.pytest_plugin"


def test_a_missing_server_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    from leeward.embedded import programs
    from leeward.testing import ServerNotInstalled, server

    monkeypatch.setattr(programs, "find_spec", lambda _: None)
    with pytest.raises(ServerNotInstalled, match=r"pip install 'leeward\[testing\]'"), server():
        pass
