from typing import Any

import pytest
from pydantic import ValidationError

from providers.kuma.settings import KumaSettings


def settings(**values: Any) -> KumaSettings:
    return KumaSettings.model_validate({"url": "https://kuma.example"} | values)


@pytest.mark.parametrize(
    "written",
    [
        {"expire.accounts": "abc", "fleet": "def"},
        "expire.accounts=abc,fleet=def",
        "expire.accounts = abc\nfleet = def\n",
    ],
)
def test_heartbeats_are_a_table_or_text(written: Any) -> None:
    assert settings(heartbeats=written).push_tokens() == {"expire.accounts": "abc", "fleet": "def"}


def test_without_any_nothing_is_pushed() -> None:
    assert settings().push_tokens() == {}


@pytest.mark.parametrize("written", ["T0KEN", "=T0KEN", "a=", {"a": "T0KEN/../x"}, {"a": ""}, "a=T0KEN?status=up"])
def test_what_is_no_token_is_refused_and_not_repeated(written: Any) -> None:
    with pytest.raises(ValidationError, match="not a push token") as refused:
        settings(heartbeats=written)
    assert "T0KEN" not in str(refused.value)


@pytest.mark.parametrize("slug", ["Fleet", "a/b", "", "a b"])
def test_a_slug_is_as_uptime_kuma_has_them(slug: str) -> None:
    with pytest.raises(ValidationError):
        settings(status_pages=[slug])
