"""The configuration page and the example say what the models read."""

import tomllib

from script import export_configuration
from workers.composition.installed.extensions import load
from workers.settings.instances.fleet import ActorFacts, read_fleet
from workers.settings.reader.source import Source
from workers.settings.settings import Settings

EXAMPLE = export_configuration.PAGE.with_name("leeward.example.toml")


def test_the_page_is_what_the_models_say() -> None:
    assert not export_configuration.differs(), "run script/export-configuration"


def test_the_page_has_every_type_that_leeward_brings() -> None:
    page = export_configuration.PAGE.read_text(encoding="utf-8")

    assert [f"## Type `{name}`" in page for name in ("jellyfin", "smtp", "http")] == [True] * 3


def test_the_example_can_be_used_as_it_is() -> None:
    settings, problems = Settings.read(Source.read({"LEEWARD_CONFIG": str(EXAMPLE)}))
    fleet = read_fleet(settings, load().types(), lambda _: [ActorFacts("sync.user", (), "standard", True)])

    assert (problems, fleet.problems) == ([], ())
    assert sorted(fleet.instances) == sorted(tomllib.loads(EXAMPLE.read_text(encoding="utf-8"))["providers"])
