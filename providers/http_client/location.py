"""Where a file is: which URLs may be asked, where a redirect leads, and what of a URL people may see."""

from contextlib import suppress

import httpx

SCHEMES = ("http", "https")


class LocationRefused(Exception):
    """Raised when a URL cannot or must not be followed. Its text never holds more of a URL than `shown` gives."""


def location(url: str) -> httpx.URL:
    """Reads a job's URL, without its fragment.

    Raises:
        LocationRefused: no URL, or neither http nor https, or without a host.
    """
    try:
        parsed = httpx.URL(url).copy_with(fragment=None)
    except (httpx.InvalidURL, ValueError):
        raise LocationRefused("the URL cannot be read") from None  # the cause would quote it
    return _checked(parsed)


def redirected(current: httpx.URL, target: str | None, *, integrity_known: bool) -> httpx.URL:
    """Where a redirect leads. Credentials go along only within one origin.

    Args:
        current: who redirects.
        target: the answer's `Location`.
        integrity_known: whether the job names the file's checksum, so that a connection without TLS can be followed.

    Raises:
        LocationRefused: no or an unreadable target, another scheme than http and https, or from https to http while
            nothing is known to check the file against.
    """
    if not target:
        raise LocationRefused(f"{shown(current)} redirects to nowhere")
    try:
        joined = current.join(target).copy_with(fragment=None)
        if not joined.userinfo and _origin(joined) == _origin(current):
            joined = joined.copy_with(userinfo=current.userinfo)
    except (httpx.InvalidURL, ValueError):
        raise LocationRefused(f"{shown(current)} redirects to something that is not a URL") from None
    if current.scheme == "https" and joined.scheme == "http" and not integrity_known:
        raise LocationRefused(f"{shown(current)} redirects from https to http: give the job its sha256 to allow that")
    return _checked(joined)


def shown(url: httpx.URL | str) -> str:
    """Scheme, host, port and path: what errors and logs may hold. User names, passwords and queries are secrets."""
    with suppress(httpx.InvalidURL, ValueError):
        parsed = httpx.URL(url) if isinstance(url, str) else url
        return str(parsed.copy_with(userinfo=b"", query=None, fragment=None))
    return "an unreadable URL"


def host_of(url: str) -> str:
    """Host and port, to distinguish hosts; empty for text that is not a URL."""
    with suppress(httpx.InvalidURL, ValueError):
        return httpx.URL(url).netloc.decode("ascii")
    return ""


def _origin(url: httpx.URL) -> tuple[str, bytes]:
    return url.scheme, url.netloc


def _checked(url: httpx.URL) -> httpx.URL:
    if url.scheme not in SCHEMES:
        raise LocationRefused(f"{url.scheme or 'a URL without scheme'}: only http and https are allowed")
    if not url.host or "%" in url.host:  # httpx escapes what no host name may have
        raise LocationRefused(f"{shown(url)} names no host")
    return url
