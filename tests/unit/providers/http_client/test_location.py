import httpx
import pytest

from providers.http_client.location import LocationRefused, location, redirected, shown


@pytest.mark.parametrize(
    "url", ["ftp://h/a", "file:///etc/passwd", "gopher://h", "h/a", "", "http://", "http://[::1", "data:,x"]
)
def test_only_http_and_https_with_a_host_are_asked(url: str) -> None:
    with pytest.raises(LocationRefused):
        location(url)


def test_a_fragment_is_not_part_of_what_is_asked() -> None:
    assert location("http://h/a?b#c") == httpx.URL("http://h/a?b")


@pytest.mark.parametrize(
    ("target", "leads_to"),
    [
        ("/b", "http://h:81/b"),
        ("c", "http://h:81/a/c"),
        ("?d", "http://h:81/a/b?d"),
        ("//k/e", "http://k/e"),
        ("https://k/f#g", "https://k/f"),
    ],
)
def test_a_redirect_is_relative_to_who_redirects(target: str, leads_to: str) -> None:
    assert redirected(location("http://h:81/a/b"), target, integrity_known=False) == httpx.URL(leads_to)


@pytest.mark.parametrize(
    "target", [None, "", "file:///etc/passwd", "ftp://k/a", "http://[::1", "http://a b/", "javascript:1"]
)
def test_a_redirect_to_anything_else_is_refused(target: str | None) -> None:
    with pytest.raises(LocationRefused):
        redirected(location("http://h/"), target, integrity_known=True)


@pytest.mark.parametrize("target", ["http://k/", "http://h:81/", "https://h/"])
def test_credentials_do_not_follow_to_another_origin(target: str) -> None:
    assert not redirected(location("http://user:word@h/"), target, integrity_known=False).userinfo


@pytest.mark.parametrize("target", ["/b", "http://h/b", "http://h:80/b"])
def test_credentials_stay_within_their_origin(target: str) -> None:
    assert redirected(location("http://user:word@h/"), target, integrity_known=False).userinfo == b"user:word"


def test_a_redirect_from_https_to_http_needs_a_checksum() -> None:
    with pytest.raises(LocationRefused, match="sha256"):
        redirected(location("https://h/"), "http://h/", integrity_known=False)

    assert redirected(location("https://h/"), "http://h/", integrity_known=True).scheme == "http"


@pytest.mark.parametrize(
    ("url", "text"),
    [
        ("https://user:word@h:8443/a%20b?token=secret#part", "https://h:8443/a%20b"),
        ("http://[::1]/a", "http://[::1]/a"),
        ("http://[::1", "an unreadable URL"),
    ],
)
def test_people_see_neither_credentials_nor_queries(url: str, text: str) -> None:
    assert shown(url) == text


@pytest.mark.parametrize(
    "url",
    ["http://user:word@[::1/?token=secret", "http://user:word@[/?token=secret", "ftp://user:word@h/a?token=secret"],
)
def test_a_refusal_holds_no_secret(url: str) -> None:
    with pytest.raises(LocationRefused) as refused:
        location(url)

    assert "word" not in str(refused.value)
    assert "secret" not in str(refused.value)
    assert refused.value.__cause__ is None
