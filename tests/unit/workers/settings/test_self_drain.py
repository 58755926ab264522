"""Self-drain in `leeward.toml` and the environment."""

from datetime import timedelta
from pathlib import Path

import pytest

from tests.unit.workers.settings.instances.acme import fleet_of, problems_of
from workers.background.replays.self_drain import SelfDrainConfig
from workers.settings.self_drain import SelfDrainSettings
from workers.settings.settings import Settings


def config_of(folder: Path, text: str = "", **variables: str) -> SelfDrainConfig | None:
    """As a host reads it."""
    file = folder / "leeward.toml"
    file.write_text(text)
    environ = {f"LEEWARD_{name}": value for name, value in variables.items()}
    return SelfDrainConfig.of(Settings.load({"LEEWARD_CONFIG": str(file)} | environ))


def test_no_actor_drains_by_itself_unless_the_settings_say_so(tmp_path: Path) -> None:
    assert config_of(tmp_path) is None
    assert config_of(tmp_path, "[self_drain]\ncanary = 3\n") is None


def test_an_actor_opts_in_by_its_table_by_the_list_or_by_a_variable(tmp_path: Path) -> None:
    by_table = '[actors."sync.user"]\nself_drain = true\n[actors."download.file"]\nself_drain = false\n'

    assert config_of(tmp_path, by_table) == SelfDrainConfig(actors=("sync.user",))
    by_list = '[self_drain]\nactors = ["download.file"]\n'
    assert config_of(tmp_path, by_list) == SelfDrainConfig(actors=("download.file",))
    expected = SelfDrainConfig(actors=("download.file", "sync.user"))
    assert config_of(tmp_path, SELF_DRAIN="sync.user, download.file") == expected
    assert config_of(tmp_path, by_table, SELF_DRAIN_ACTORS="download.file") == expected


def test_how_it_drains_can_be_changed(tmp_path: Path) -> None:
    text = (
        '[self_drain]\nactors = ["sync.user"]\nhealthy_for = "30s"\ncanary = 2\nper_second = 0.5\n'
        'generations = 3\nrest = "2h"\n[actors."sync.user"]\nlimit = 3\n'
    )

    assert config_of(tmp_path, text, SELF_DRAIN_REST="1d") == SelfDrainConfig(
        actors=("sync.user",),
        healthy_for=timedelta(seconds=30),
        canary=2,
        per_second=0.5,
        generations=3,
        rest=timedelta(days=1),
    )


def test_the_settings_and_the_loop_have_the_same_defaults() -> None:
    loop = SelfDrainConfig(actors=())

    assert all(getattr(loop, name) == value for name, value in SelfDrainSettings())


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            '[self_drain]\nactors = ["sync.users"]\n',
            "names sync.users, which is not a kind of job; use sync.invoice, sync.user",
        ),
        ('[self_drain]\nactors = ["email.send"]\n', "names email.send, which is not idempotent"),
        ('[self_drain]\nactors = ["probe.acme"]\n', "names probe.acme, which is not a kind of job"),
        ('[actors."sync.user"]\nself_drain = 1\n', "write true or false"),
        ('[actors."probe.acme"]\nself_drain = true\n', "is for kinds of jobs; remove it"),
    ],
)
def test_an_actor_that_cannot_drain_by_itself_is_refused_by_who_knows_it(tmp_path: Path, text: str, said: str) -> None:
    assert any(said in problem for problem in problems_of(tmp_path, text)), problems_of(tmp_path, text)


def test_an_actor_that_opts_in_is_no_problem(tmp_path: Path) -> None:
    text = '[self_drain]\nactors = ["sync.user"]\n[actors."sync.invoice"]\nself_drain = true\n'

    assert fleet_of(tmp_path, text).problems == ()
