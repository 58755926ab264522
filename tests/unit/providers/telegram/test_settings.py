from datetime import timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from providers.telegram.settings import TelegramSettings


def settings(**values: Any) -> TelegramSettings:
    return TelegramSettings.model_validate({"token": "123456:ABC-def_1"} | values)


def test_a_token_is_enough() -> None:
    assert settings().url == "https://api.telegram.org"


@pytest.mark.parametrize("token", ["", "abc", "123456", "123456:", "123456:a b", "bot123456:abc", "123456:abc/../x"])
def test_a_token_that_cannot_be_one_is_refused(token: str) -> None:
    with pytest.raises(ValidationError, match="BotFather"):
        settings(token=token)


def test_answers_get_the_ten_seconds_that_flood_control_may_take() -> None:
    with pytest.raises(ValidationError):
        settings(answer_timeout=timedelta(seconds=9))
    with pytest.raises(ValidationError, match="must not be shorter"):
        settings(timeout=timedelta(seconds=15), answer_timeout=timedelta(seconds=20))


def test_a_refused_token_is_not_repeated() -> None:
    with pytest.raises(ValidationError) as refused:
        settings(token="987654:half a token")
    assert "half" not in str(refused.value)
