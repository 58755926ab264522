"""The settings of a Seerr server, and what it recommends for itself."""

from datetime import timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from actors.requests.requests import sync_request, sync_requests
from broker.guards.config import GuardConfig
from middleware.retries.presets import PRESETS
from providers.seerr.provider import Seerr
from providers.seerr.settings import SeerrSettings

SEERR: dict[str, Any] = {"url": "http://seerr.test:5055/", "api_key": "secret-key"}


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"url": "seerr.test"}, "is not a web address; write https://host"),
        ({"api_key": "two words"}, "must be printable characters"),
        ({"api_key": ""}, "must be printable characters"),
        ({"user_id": 0}, "greater than or equal to 1"),
        ({"timeout": "0s"}, "must be longer than zero"),
        ({"timeout": "10"}, "is not a valid duration"),
        ({"webhook_header": "X Seerr"}, "is not the name of a header"),
        ({"webhook_authorization": " "}, "at least one printable character"),
        ({"webhook_authorization": "a\r\nb"}, "at least one printable character"),
        ({"api_kye": "x"}, "Extra inputs are not permitted"),
    ],
)
def test_an_impossible_server_is_refused_without_its_secrets(changes: dict[str, Any], said: str) -> None:
    with pytest.raises(ValidationError) as refused:
        SeerrSettings.model_validate(SEERR | changes)

    assert said in str(refused.value)
    assert "secret" not in str(refused.value)


@pytest.mark.parametrize(
    "url", ["http://s.test:5055", "http://s.test:5055/", "http://s.test:5055/api/v1", "http://s.test:5055/api/v1/"]
)
def test_the_api_begins_at_the_same_place_however_the_address_was_copied(url: str) -> None:
    assert SeerrSettings.model_validate(SEERR | {"url": url}).api_url == "http://s.test:5055/api/v1"


def test_no_secret_is_shown() -> None:
    settings = SeerrSettings.model_validate(SEERR | {"webhook_authorization": "Bearer secret"})

    assert "secret" not in f"{settings!r} {settings} {Seerr('seerr', settings).settings!r}"


def test_it_has_ten_seconds_three_retries_from_two_seconds_and_a_circuit_at_thirty_percent() -> None:
    assert SeerrSettings.model_validate(SEERR).timeout == timedelta(seconds=10)
    assert GuardConfig().changed(**Seerr.guards).failure_rate == 0.3
    for actor in (sync_request, sync_requests):
        preset = PRESETS[actor.retry_preset]
        assert (preset.attempts - 1, preset.shortest) == (3, timedelta(seconds=2))
