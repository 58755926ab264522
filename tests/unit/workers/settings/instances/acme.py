"""A type of provider that an extension could bring, and a short way to read settings for it."""

from collections.abc import Iterable, Mapping
from datetime import timedelta
from pathlib import Path
from typing import ClassVar

from pydantic import BaseModel, Field, HttpUrl, SecretStr, field_validator

from leeward.extension import Guards, Health, Provider
from leeward.jobs.queue_name import queue_name
from providers.downloads.provider import Downloads
from providers.jellyfin.provider import Jellyfin
from providers.smtp.provider import Smtp
from workers.composition.instance import Instance
from workers.composition.provider_type import ProviderType
from workers.settings.instances.fleet import ActorFacts, FleetSettings, read_fleet
from workers.settings.reader.source import Source
from workers.settings.settings import Settings

SECRET = "hunter2-hunter2"
TWO = f"""
[providers.acme]
url = "https://acme.example"
api_key = "{SECRET}"
[providers.acme-eu]
type = "acme"
url = "https://eu.acme.example"
api_key_env = "ACME_KEY"
criticality = "critical"
timeout = "1m30s"
pauses = ["1s", "1h"]
regions = ["eu", "uk"]
retry_preset = "quick"
health_every = "30s"
limit = 4
rate = 10
open_for = "45s"
[providers.acme-eu.proxy]
address = "proxy.example"
password = "{SECRET}"
"""
"""A `leeward.toml` of two instances; `fleet_of` sets the variable `ACME_KEY`."""


class Proxy(BaseModel):
    address: str = "none"
    password: SecretStr | None = None


class Basic(BaseModel):
    user: str
    password: SecretStr


class Token(BaseModel):
    token: SecretStr


class Route(BaseModel):
    to: str
    password: SecretStr | None = None


class AcmeSettings(BaseModel):
    url: HttpUrl
    api_key: SecretStr
    timeout: timedelta = timedelta(seconds=5)
    pauses: list[timedelta] = []
    regions: tuple[str, ...] = ()
    workers: int = Field(1, ge=1, description="a whole number above 0")
    proxy: Proxy = Proxy()
    sign_in: Basic | Token | None = None
    routes: list[Route] = []
    limits_by_region: dict[str, timedelta] = {}

    @field_validator("api_key")
    @classmethod
    def _long(cls, key: SecretStr) -> SecretStr:
        if len(key.get_secret_value()) < 5:
            raise ValueError(f"{key.get_secret_value()} is too short; copy the whole key")
        return key


class Acme(Provider[AcmeSettings], type="acme"):
    guards: ClassVar[Guards] = {"limit": 20, "rate": 25.0, "burst": 5}

    def health(self) -> Health:
        return Health.healthy()


def acme_settings(settings: object) -> AcmeSettings:
    assert isinstance(settings, AcmeSettings)
    return settings


TYPES = {one.type: ProviderType.of(one) for one in (Acme, Jellyfin, Smtp, Downloads)}
FAMILIES = {
    "sync.invoice": ("sync", "acme", True),
    "sync.user": ("sync", "jellyfin", True),
    "email.send": ("email", "smtp", False),
}


def facts(instances: Mapping[str, Instance]) -> Iterable[ActorFacts]:
    for name, (family, kind, idempotent) in FAMILIES.items():
        queues = tuple(queue_name(family, one.name) for one in instances.values() if one.type.name == kind)
        yield ActorFacts(name, queues, "standard", idempotent)
    for probe in ("probe.acme", "probe.jellyfin"):
        yield ActorFacts(probe, ("probes",), periodic=True)


def fleet_of(folder: Path, text: str = "", **variables: str) -> FleetSettings:
    """What a `leeward.toml` and variables (without prefix) say."""
    file = folder / "leeward.toml"
    file.write_text(text)
    environ = {f"LEEWARD_{name}": value for name, value in variables.items()}
    source = Source.read({"LEEWARD_CONFIG": str(file), "ACME_KEY": SECRET} | environ)
    settings, _ = Settings.read(source)
    return read_fleet(settings, TYPES, facts)


def problems_of(folder: Path, text: str = "", **variables: str) -> list[str]:
    """Without the file's own path."""
    return [
        str(problem).replace(f"{folder / 'leeward.toml'}: ", "")
        for problem in fleet_of(folder, text, **variables).problems
    ]
