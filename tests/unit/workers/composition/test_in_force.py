"""`leeward config`: every value in force says where it is from, and no secret."""

from pathlib import Path

import pytest

from workers.composition.in_force import InForce, in_force
from workers.settings.reader.model_reader import Place
from workers.settings.reader.model_settings import settings_of
from workers.settings.settings import Settings, core_place

FILE = """
threads = 4
[providers.acme-eu]
type = "jellyfin"
url = "https://eu.example"
token_env = "ACME_TOKEN"
limit = 4
[actors."sync.user"]
limit = 2
[retry_presets.slow]
attempts = 9
"""


@pytest.fixture
def found(tmp_path: Path) -> dict[str, InForce]:
    """By section and key."""
    file, password = tmp_path / "leeward.toml", tmp_path / "password"
    file.write_text(FILE)
    password.write_text("relay-secret\n")
    settings = Settings.load(
        {
            "LEEWARD_CONFIG": str(file),
            "LEEWARD_VALKEY_URL": "redis://fleet:valkey-secret@valkey.example:6379/0",
            "LEEWARD_DRAIN_SECONDS": "5",
            "LEEWARD_GUARD_ACME_EU_RATE": "5",
            "LEEWARD_SMTP_HOST": "mail.example.org",
            "LEEWARD_SMTP_SENDER": "fleet@example.org",
            "LEEWARD_SMTP_USERNAME": "fleet",
            "LEEWARD_SMTP_PASSWORD_FILE": str(password),
            "ACME_TOKEN": "acme-secret",
        }
    )
    return {f"{one.section}.{one.key}".removeprefix("."): one for one in in_force(settings)}


def test_every_setting_of_the_fleet_is_there(found: dict[str, InForce]) -> None:
    place: Place[Settings] = core_place()

    assert {".".join(setting.path) for setting in settings_of(place.model)} <= found.keys()


def test_a_value_says_where_it_is_from(found: dict[str, InForce]) -> None:
    def told(name: str) -> tuple[str, str]:
        return found[name].value, found[name].source.rpartition("/")[2]

    assert told("processes") == ("2", "default")
    assert told("threads") == ("4", "leeward.toml: threads")
    assert told("drain") == ("5s", "LEEWARD_DRAIN_SECONDS")
    assert told("providers.acme-eu.limit") == ("4", "leeward.toml: providers.acme-eu.limit")
    assert told("providers.acme-eu.rate") == ("5", "LEEWARD_GUARD_ACME_EU_RATE")
    assert told("providers.smtp.limit") == ("5", "default of its type or profile")
    assert told("providers.smtp.tls") == ("starttls", "default")
    assert told('actors."sync.user".limit') == ("2", 'leeward.toml: actors."sync.user".limit')
    assert told("retry_presets.slow.attempts") == ("9", "leeward.toml: retry_presets.slow.attempts")
    assert found["processes"].variable == "LEEWARD_PROCESSES"


def test_secrets_are_hidden_and_their_places_are_not(found: dict[str, InForce]) -> None:
    assert found["valkey_url"].value == "redis://fleet:[redacted]@valkey.example:6379/0"
    assert found["providers.acme-eu.token"].value == found["providers.smtp.password"].value == "[redacted]"
    assert found["providers.acme-eu.token"].source.endswith("providers.acme-eu.token_env")
    assert found["providers.smtp.password"].source == "LEEWARD_SMTP_PASSWORD_FILE"
    assert not any(f"{owner}-secret" in one.value for owner in ("valkey", "acme", "relay") for one in found.values())
