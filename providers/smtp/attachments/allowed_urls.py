"""Rule: which URLs attachments may come from."""

import httpx


def is_allowed(url: httpx.URL, allowed: tuple[str, ...]) -> bool:
    """Whether the URL is at, or below, an allowed one: the same scheme, host and port, and a path that begins with the same folders.

    A path with `..`, also in its encoded form, is below nothing: servers resolve it in their own ways.
    """
    path = url.path.replace("\\", "/")
    if ".." in path.split("/"):
        return False
    return any(_is_below(url, path, httpx.URL(one)) for one in allowed)


def _is_below(url: httpx.URL, path: str, base: httpx.URL) -> bool:
    if (url.scheme, url.host, url.port) != (base.scheme, base.host, base.port):
        return False
    return path == base.path or path.startswith(base.path.rstrip("/") + "/")
