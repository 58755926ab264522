"""`leeward check` reads the guards' file."""

from pathlib import Path

from workers.admin_checks import Verdict, run_checks
from workers.settings import Settings


def checks(tmp_path: Path, text: str) -> dict[str, tuple[Verdict, str]]:
    file = tmp_path / "leeward.toml"
    file.write_text(text)
    settings = Settings.load({"LEEWARD_CONFIG": str(file), "LEEWARD_DATA_DIR": str(tmp_path)})
    return {one.name: (one.verdict, one.detail) for one in run_checks(settings)}


def test_every_problem_of_the_guards_file_is_told(tmp_path: Path) -> None:
    found = checks(tmp_path, 'profile = "prodution"\n[providers.jellyfin]\nlimt = 3\n')

    assert found["guards: profile"][0] is Verdict.PROBLEM
    assert "did you mean limit" in found["guards: providers.jellyfin.limt"][1]


def test_a_sound_guards_file_is_well(tmp_path: Path) -> None:
    assert checks(tmp_path, "[providers.jellyfin]\nlimit = 3\n")["guards"][0] is Verdict.OK


def test_every_problem_of_self_drain_is_told(tmp_path: Path) -> None:
    found = checks(tmp_path, '[self_drain]\nactors = ["email.send"]\n')

    assert found["self_drain"][0] is Verdict.PROBLEM
    assert "not idempotent" in found["self_drain"][1]
    assert found["guards"][0] is Verdict.OK
