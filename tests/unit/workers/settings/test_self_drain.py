"""Self-drain in `leeward.toml` and the environment."""

from datetime import timedelta
from pathlib import Path

import pytest

from workers.background.replays.self_drain import SelfDrainConfig
from workers.settings.problem import InvalidSettings
from workers.settings.self_drain import load_self_drain
from workers.settings.settings import Settings


def written(folder: Path, text: str) -> Path:
    file = folder / "leeward.toml"
    file.write_text(text)
    return file


def test_nobody_drains_by_itself_who_was_not_asked_to(tmp_path: Path) -> None:
    assert load_self_drain(None, []) is None
    assert load_self_drain(written(tmp_path, "[self_drain]\ncanary = 3\n"), []) is None


def test_an_actor_opts_in_by_its_table_by_the_list_or_by_the_environment(tmp_path: Path) -> None:
    by_table = '[actors."sync.user"]\nself_drain = true\n[actors."download.file"]\nself_drain = false\n'
    environment = Settings.load({"LEEWARD_SELF_DRAIN": "sync.user, download.file"}).self_drain_actors

    assert load_self_drain(written(tmp_path, by_table), []) == SelfDrainConfig(actors=("sync.user",))
    by_list = written(tmp_path, '[self_drain]\nactors = ["download.file"]\n')
    assert load_self_drain(by_list, []) == SelfDrainConfig(actors=("download.file",))
    assert load_self_drain(None, environment) == SelfDrainConfig(actors=("download.file", "sync.user"))


def test_how_it_drains_can_be_changed_and_the_guards_do_not_mind(tmp_path: Path) -> None:
    text = (
        '[self_drain]\nactors = ["sync.user"]\nhealthy_for = "30s"\ncanary = 2\nper_second = 0.5\n'
        'generations = 3\nrest = "2h"\n[actors."sync.user"]\nlimit = 3\n'
    )
    file = written(tmp_path, text)

    assert load_self_drain(file, []) == SelfDrainConfig(
        actors=("sync.user",),
        healthy_for=timedelta(seconds=30),
        canary=2,
        per_second=0.5,
        generations=3,
        rest=timedelta(hours=2),
    )
    assert "jellyfin" in Settings.load({"LEEWARD_CONFIG": str(file)}).guards.providers


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[self_drain]\nactors = "sync.user"\n', "must be a list"),
        ('[self_drain]\nactors = ["sync.users"]\n', "no kind of job; use download.file, sync.user"),
        ('[self_drain]\nactors = ["email.send"]\n', "not idempotent"),
        ("[self_drain]\ncanari = 3\n", "did you mean canary"),
        ("[self_drain]\ncanary = true\n", "whole number above 0"),
        ("[self_drain]\nper_second = 0\n", "number above 0"),
        ("[self_drain]\nrest = 5\n", "is not a valid duration"),
        ('[actors."sync.user"]\nself_drain = 1\n', "write true or false"),
        ("self_drain = true\n", "must be a table"),
    ],
)
def test_what_cannot_be_meant_says_what_to_write(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(InvalidSettings) as problems:
        load_self_drain(written(tmp_path, text), [])

    assert said in str(problems.value)
