import base64

import pytest

from providers.http_client.proxy import ProxyAddress, proxy_address


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("http://proxy", ProxyAddress("proxy", 3128)),
        ("http://proxy:8080/", ProxyAddress("proxy", 8080)),
        ("http://10.0.0.1:3128", ProxyAddress("10.0.0.1", 3128)),
        ("http://[::1]:3128", ProxyAddress("::1", 3128)),
        ("http://fleet:p%40ss%3A@proxy:3128", ProxyAddress("proxy", 3128, ("fleet", "p@ss:"))),
        ("http://fleet@proxy", ProxyAddress("proxy", 3128, ("fleet", ""))),
    ],
)
def test_an_address_is_read(url: str, address: ProxyAddress) -> None:
    assert proxy_address(url) == address


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("socks5://hunter2@proxy:1080", "SOCKS"),
        ("socks5h://proxy", "SOCKS"),
        ("socks4://proxy", "SOCKS"),
        ("https://proxy", "not an address of an HTTP proxy"),
        ("proxy:3128", "not an address of an HTTP proxy"),
        ("http://", "not an address of an HTTP proxy"),
        ("http://pro xy", "not an address of an HTTP proxy"),
        ("http://proxy:port", "not a URL"),
        ("http://[::1", "not a URL"),
        ("http://proxy:0", "more than"),
        ("http://proxy/path", "more than"),
        ("http://proxy?hunter2", "more than"),
        ("", "not an address of an HTTP proxy"),
    ],
)
def test_what_cannot_be_used_is_refused_with_the_reason_and_not_repeated(url: str, said: str) -> None:
    with pytest.raises(ValueError, match=said) as refused:
        proxy_address(url)

    assert "hunter2" not in str(refused.value)


def test_credentials_are_not_shown_and_reach_the_proxy() -> None:
    address = proxy_address("http://fleet:hunter2@proxy")

    assert "hunter2" not in f"{address!r} {address.shown}"
    (name, value), *_ = address.for_pool().headers
    assert name == b"Proxy-Authorization"
    assert base64.b64decode(value.split()[1]) == b"fleet:hunter2"
