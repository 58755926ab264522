"""`leeward check` reads the guards' numbers, wherever they come from."""

from pathlib import Path

from click.testing import CliRunner

from console.cli.check import check


def checked(folder: Path, text: str, **variables: str) -> tuple[int, str]:
    file = folder / "leeward.toml"
    file.write_text(text)
    env = {"LEEWARD_CONFIG": str(file), "LEEWARD_DATA_DIR": str(folder)} | variables
    result = CliRunner().invoke(check, [], env=env)
    return result.exit_code, result.output


def test_every_problem_of_file_and_environment_is_told(tmp_path: Path) -> None:
    code, told = checked(
        tmp_path, 'profile = "prodution"\n[providers.jellyfin]\nlimt = 3\n', LEEWARD_GUARD_SMTP_RAT="3"
    )

    assert code == 1
    assert "profile\tproblem\tis 'prodution', which cannot be used; write production" in told
    assert "providers.jellyfin.limt\tproblem\tis not a setting; did you mean limit?" in told
    assert "did you mean LEEWARD_GUARD_SMTP_RATE?" in told


def test_sound_numbers_are_well(tmp_path: Path) -> None:
    code, told = checked(tmp_path, "[providers.jellyfin]\nlimit = 3\n", LEEWARD_GUARD_SYNC_USER_LIMIT="2")

    assert code == 0, told
    assert "guards\tok\tas " in told


def test_every_problem_of_self_drain_is_told(tmp_path: Path) -> None:
    code, told = checked(tmp_path, '[self_drain]\nactors = ["email.send"]\n')

    assert code == 1
    assert "self_drain.actors\tproblem\tnames email.send, which is not idempotent" in told
