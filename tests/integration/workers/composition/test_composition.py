"""A worker that is composed from leeward.toml and an extension at hand."""

from pathlib import Path
from typing import Any, ClassVar

import pytest
import redis
from pydantic import BaseModel, HttpUrl, SecretStr

from console.cli.error_report import explain
from console.cli.exit_code import ExitCode
from leeward import Job
from leeward.client import Leeward
from leeward.extension import Extension, Health, Permanent, Provider, actor
from tests.support.fleets.workers_under_test import wait_for_letters, working
from tests.support.waiting import wait_until
from workers.composition import root
from workers.composition.composition import Composition, UnusableSettings, compose, usable
from workers.composition.installed.extensions import composed_of
from workers.settings.problem import InvalidSettings
from workers.settings.settings import Settings


class SafeSettings(BaseModel):
    code: SecretStr
    url: HttpUrl = HttpUrl("https://safe.example")
    depth: int = 1


class Safe(Provider[SafeSettings], type="safe"):
    guards = {"limit": 7, "rate": 20.0}  # noqa: RUF012 # as authors write it

    def health(self) -> Health:
        return Health.unhealthy(f"the code {self.settings.code.get_secret_value()} is refused")


class OpenSafe(Job):
    kind: ClassVar[str] = "open.safe"
    version: ClassVar[int] = 1
    family: ClassVar[str] = "open"


@actor(OpenSafe, provider=Safe)
def open_safe(job: OpenSafe, safe: Safe) -> None:
    raise Permanent(f"{safe.settings.url} does not take {safe.settings.code.get_secret_value()}", operation="open")


EXTENSIONS = composed_of([Extension("safes", api=1, providers=[Safe], actors=[open_safe])])
TOML = """
[providers.safe]
code = "sesame-of-the-first"

[providers.safe-eu]
type = "safe"
code_env = "SAFE_EU_CODE"
url = "https://ada:hunter2-hunter2@safe.example/"
limit = 3

[providers.safe-old]
type = "safe"
code = "sesame-of-the-third"
enabled = false
"""


def composed(folder: Path, toml: str, valkey_url: str = "redis://127.0.0.1:1/0") -> tuple[Settings, Composition]:
    file = folder / "leeward.toml"
    file.write_text(toml)
    environment = {
        "LEEWARD_CONFIG": str(file),
        "LEEWARD_VALKEY_URL": valkey_url,
        "SAFE_EU_CODE": "sesame-of-the-second",
    }
    settings = Settings.load(environment)
    return settings, compose(settings, EXTENSIONS)


def test_every_instance_has_its_queue_its_guards_and_its_settings(tmp_path: Path) -> None:
    _, composition = composed(tmp_path, TOML)

    assert composition.problems == ()
    (bound,) = composition.actors
    assert (bound.name, bound.queues) == ("open.safe", ("open.safe", "open.safe-eu", "open.safe-old"))
    assert [one.guards.limit for one in composition.instances.values()] == [7, 3, 7]
    settings = composition.instances["safe-eu"].settings
    assert isinstance(settings, SafeSettings)
    assert settings.code.get_secret_value() == "sesame-of-the-second"
    assert {kind.job for kind in composition.kinds} == {OpenSafe}


def test_everything_that_is_wrong_is_said_at_once(tmp_path: Path) -> None:
    settings, composition = composed(
        tmp_path, '[providers.safe-eu]\ntype = "safe"\ndepth = 2\ndepht = 2\n[providers.vault]\nkey = "x"\n'
    )

    named = [str(problem).replace(str(tmp_path), "") for problem in composition.problems]
    assert len(named) == 3
    assert any("providers.safe-eu.depht is not a setting; did you mean depth?" in problem for problem in named)
    assert any("providers.safe-eu lacks code" in problem for problem in named)
    assert any("'vault', which no installed extension brings" in problem for problem in named)
    with pytest.raises(InvalidSettings, match="3 problem"):
        usable(settings, EXTENSIONS)


def test_no_text_of_a_worker_shows_a_secret_of_any_instance(
    tmp_path: Path, valkey_url: str, valkey: "redis.Redis"
) -> None:
    settings, _ = composed(tmp_path, TOML, valkey_url)
    broker = root.build_broker(settings)
    root.declare_actors(broker, settings, EXTENSIONS)
    with Leeward(valkey_url) as client, working(broker):
        for instance in ("safe", "safe-eu"):
            client.enqueue(OpenSafe(provider=instance))
        broker.get_actor("probe.safe-eu").send()
        letters: list[dict[str, Any]] = [*wait_for_letters(valkey, "safe"), *wait_for_letters(valkey, "safe-eu")]
        found = wait_until(lambda: valkey.hgetall("leeward:{safe-eu}:health"), description="the probe to have looked")
    broker.close()

    text = f"{letters} {found!r}"
    assert "does not take" in text
    assert "is refused" in text
    assert "sesame" not in text
    assert "hunter2" not in text


def test_settings_that_no_process_can_use_end_a_command_with_the_code_that_says_so(tmp_path: Path) -> None:
    settings, _ = composed(tmp_path, '[providers.vault]\nkey = "x"\n')

    with pytest.raises(UnusableSettings) as raised:
        usable(settings, EXTENSIONS)

    assert explain(raised.value) == (f"the configuration cannot be used: {raised.value.problems[0]}", ExitCode.UNUSABLE)
