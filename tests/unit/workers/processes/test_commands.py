"""What `leeward up` runs: a Procfile where there is one, else the usual processes."""

from pathlib import Path

import pytest

from tests.support.processes import ROOT
from workers.processes.commands import USUAL, commands
from workers.settings.settings import Settings
from workers.supervisor import InvalidProcfile, read_procfile


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_without_a_procfile_a_worker_and_a_scheduler_run() -> None:
    assert commands(Settings()) == {"worker": ("leeward", "worker"), "scheduler": ("leeward", "scheduler")}


def test_the_procfile_of_the_current_folder_comes_before_the_usual_processes() -> None:
    Path("Procfile").write_text("one: leeward worker --threads 2\n")

    assert commands(Settings()) == {"one": ("leeward", "worker", "--threads", "2")}


def test_a_procfile_that_is_named_comes_before_that_of_the_folder(tmp_path: Path) -> None:
    Path("Procfile").write_text("one: leeward worker\n")
    (tmp_path / "other").write_text("two: leeward scheduler\n")

    assert list(commands(Settings(), tmp_path / "other")) == ["two"]


def test_a_procfile_that_is_named_but_missing_is_an_error() -> None:
    with pytest.raises(FileNotFoundError):
        commands(Settings(), Path("elsewhere"))


def test_a_procfile_that_cannot_be_understood_is_not_passed_over() -> None:
    Path("Procfile").write_text("nothing\n")

    with pytest.raises(InvalidProcfile):
        commands(Settings())


def test_a_configured_outbox_gets_its_relay_unless_the_procfile_has_one_of_its_own(tmp_path: Path) -> None:
    settings = Settings.load({"LEEWARD_OUTBOX_DATABASE_URL": "postgresql://producer.example/shop"})
    (tmp_path / "own").write_text("outbox: leeward outbox relay --debug\n")

    assert commands(settings) == {**USUAL, "outbox": ("leeward", "outbox", "relay")}
    assert commands(settings, tmp_path / "own") == {"outbox": ("leeward", "outbox", "relay", "--debug")}


def test_the_repositorys_own_procfile_names_the_usual_processes() -> None:
    assert read_procfile((ROOT / "Procfile").read_text()) == USUAL
