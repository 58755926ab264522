from datetime import timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from providers.plex.settings import PlexSettings


def settings(**values: Any) -> PlexSettings:
    return PlexSettings.model_validate({"url": "http://plex.example:32400", "token": "abc-DEF_1"} | values)


def test_an_address_and_a_token_are_enough() -> None:
    assert settings().timeout == timedelta(seconds=5)
    assert settings().health_path == "/status/sessions"


def test_the_installation_is_recognised_from_one_start_to_the_next() -> None:
    assert settings().identifier() == settings().identifier()
    assert settings().identifier() != settings(url="http://other.example:32400").identifier()
    assert settings(client_identifier="mine").identifier() == "mine"


@pytest.mark.parametrize("token", ["", "a b", "a\nb"])
def test_a_token_that_cannot_be_one_is_refused_and_not_repeated(token: str) -> None:
    with pytest.raises(ValidationError, match="is not a token") as refused:
        settings(token=token)
    assert not token or token not in str(refused.value).replace("is not a token", "")


@pytest.mark.parametrize("path", ["status", "http://x/", "/a?X-Plex-Token=1", "/a#b", "/a b"])
def test_a_health_path_is_a_path(path: str) -> None:
    with pytest.raises(ValidationError):
        settings(health_path=path)
