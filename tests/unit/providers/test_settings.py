"""The settings of our own providers: what is accepted, and what an operator reads of what is not."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel, ValidationError

from leeward.extension import Health, Provider, TargetUnavailable
from providers.downloads.provider import Downloads
from providers.downloads.settings import DownloadSettings
from providers.jellyfin.provider import Jellyfin
from providers.jellyfin.settings import JellyfinSettings
from providers.smtp.config import Tls
from providers.smtp.provider import Smtp
from providers.smtp.settings import SmtpSettings

JELLYFIN: dict[str, Any] = {"url": "https://media.example.org/", "token": "abc"}
SMTP: dict[str, Any] = {"host": "mail.example.org", "sender": "Fleet <fleet@example.org>"}


def _problems(model: type[BaseModel], **values: Any) -> str:
    with pytest.raises(ValidationError) as refused:
        model.model_validate(values)
    assert "secret" not in str(refused.value)
    return "; ".join(error["msg"] for error in refused.value.errors(include_input=False))


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"url": "media.example.org"}, "is not a web address; write https://host"),
        ({"url": "https://user:secret@media.example.org"}, "holds more than an address"),
        ({"token": "two words"}, "the token must be an API key"),
        ({"proxy": "socks5://secret@proxy"}, "is a SOCKS proxy, which is not supported"),
        ({"ca_file": "relative.pem"}, "is not an absolute path"),
        ({"tokn": "x"}, "Extra inputs are not permitted"),
    ],
)
def test_an_impossible_jellyfin_is_refused(changes: dict[str, Any], told: str) -> None:
    assert told in _problems(JellyfinSettings, **JELLYFIN | changes)


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"username": "fleet"}, "give a username and a password, or neither"),
        ({"username": "fleet", "password": "secret", "tls": "none"}, "a password would travel in the clear"),
        ({"sender": "nobody"}, "is not a mail address"),
        ({"local_name": "-x"}, "is not a host name"),
        ({"overrides": ["550 try tomorrow = later"]}, "which is not a rule"),
        ({"host": "not a host"}, "the server must be a host name"),
    ],
)
def test_an_impossible_relay_is_refused(changes: dict[str, Any], told: str) -> None:
    assert told in _problems(SmtpSettings, **SMTP | changes)


def test_a_relay_is_what_its_settings_say() -> None:
    settings = SmtpSettings(
        **SMTP,
        tls="IMPLICIT",
        case_insensitive_domains=["Example.org", "other.example"],
        overrides="550 try tomorrow = recipient",
    )

    config = settings.config("relay-eu")

    assert (config.name, config.port, config.tls) == ("relay-eu", 465, Tls.IMPLICIT)
    assert (config.sender, config.sender_name) == ("fleet@example.org", "Fleet")
    assert config.case_insensitive_domains == {"example.org", "other.example"}
    assert [one.kind for one in config.overrides] == [TargetUnavailable]


def test_a_provider_knows_its_longest_call_before_it_is_opened(tmp_path: Path) -> None:
    smtp = Smtp("smtp", SmtpSettings(**SMTP))
    downloads = Downloads("http", DownloadSettings(root=tmp_path))

    assert smtp.longest_call() > timedelta(minutes=10)
    assert downloads.longest_call() == timedelta(hours=6)
    assert Jellyfin("jellyfin", JellyfinSettings(**JELLYFIN)).longest_call() is None


@pytest.mark.parametrize("provider", [Jellyfin, Smtp, Downloads])
def test_no_setting_shows_its_secret(provider: type[Provider[Any]], tmp_path: Path) -> None:
    proxy = "http://fleet:secret@proxy:3128"
    values = {
        Jellyfin: JELLYFIN | {"token": "secret", "proxy": proxy},
        Smtp: SMTP | {"username": "fleet", "password": "secret"},
        Downloads: {"root": tmp_path, "proxy": proxy},
    }[provider]

    made = provider("name", provider.settings_type.model_validate(values))

    assert "secret" not in f"{made.settings!r} {made.settings} {made.context!r}"


def test_a_download_folder_that_is_there_is_healthy(tmp_path: Path) -> None:
    downloads = Downloads("files", DownloadSettings(root=tmp_path, keep_parts=timedelta(days=2)))
    downloads.open()

    assert downloads.health() == Health(ok=True, detail="the download folder can be written to", latency=timedelta(0))

    downloads.close()
