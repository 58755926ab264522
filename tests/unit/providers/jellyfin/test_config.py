import pytest
from pydantic import SecretStr

from providers.jellyfin.config import JellyfinConfig

TOKEN = SecretStr("0123456789abcdef0123456789abcdef")


@pytest.mark.parametrize(
    ("url", "advice"),
    [
        ("media.example.org", "http://"),
        ("ftp://media.example.org", "http://"),
        ("http://", "name a host"),
        ("http://admin:secret@media.example.org", "API key"),
        ("http://media.example.org/?ApiKey=x", "leave out"),
    ],
)
def test_a_url_that_cannot_work_is_refused_with_advice(url: str, advice: str) -> None:
    with pytest.raises(ValueError, match=advice):
        JellyfinConfig(url=url, token=TOKEN)


@pytest.mark.parametrize("token", ["", "two words", "line\nbreak", "ключ"])
def test_a_token_that_cannot_be_a_header_is_refused_without_showing_it(token: str) -> None:
    with pytest.raises(ValueError, match="API key") as refused:
        JellyfinConfig(url="http://media.example.org", token=SecretStr(token))

    assert not token or token not in str(refused.value)


def test_the_token_is_not_in_the_repr() -> None:
    assert TOKEN.get_secret_value() not in repr(JellyfinConfig(url="http://media.example.org", token=TOKEN))
