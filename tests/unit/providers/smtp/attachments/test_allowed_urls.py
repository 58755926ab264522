"""Which URLs attachments may come from."""

import httpx
import pytest

from providers.smtp.attachments.allowed_urls import is_allowed

ALLOWED = ("https://files.example.org/invoices", "http://nas.lan:8080/")


@pytest.mark.parametrize(
    "url",
    [
        "https://files.example.org/invoices/7.pdf",
        "https://files.example.org/invoices?id=7",
        "https://FILES.example.org:443/invoices/2026/7.pdf?token=x",
        "http://nas.lan:8080/anything",
    ],
)
def test_what_is_below_an_allowed_address(url: str) -> None:
    assert is_allowed(httpx.URL(url), ALLOWED)


@pytest.mark.parametrize(
    "url",
    [
        "https://files.example.org/",
        "https://files.example.org/invoices-of-others/7.pdf",
        "https://files.example.org/invoices/../private",
        "https://files.example.org/invoices/%2e%2e/private",
        "https://files.example.org/invoices/..%5cprivate",
        "http://files.example.org/invoices/7.pdf",
        "https://files.example.org:8443/invoices/7.pdf",
        "https://files.example.org.evil.example/invoices/7.pdf",
        "https://files.example.org@evil.example/invoices/7.pdf",
        "http://nas.lan/anything",
    ],
)
def test_what_is_not(url: str) -> None:
    assert not is_allowed(httpx.URL(url), ALLOWED)
