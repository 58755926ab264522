"""The proxy that an operator names for one provider."""

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

if TYPE_CHECKING:
    import httpcore

_DEFAULT_PORT = 3128
_HOST = re.compile(r"[A-Za-z0-9._-]+|[0-9A-Fa-f:.]+")


@dataclass(frozen=True, slots=True)
class ProxyAddress:
    """An HTTP proxy. `shown` is what people may see of it."""

    host: str
    port: int
    credentials: tuple[str, str] | None = field(default=None, repr=False)

    @property
    def shown(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{host}:{self.port}"

    def for_pool(self) -> "httpcore.Proxy":
        """As httpcore takes it."""
        import httpcore  # settings hold addresses in processes that open none

        auth = None
        if self.credentials is not None:
            name, password = self.credentials
            auth = (name.encode(), password.encode())
        return httpcore.Proxy(httpcore.URL(scheme=b"http", host=self.host, port=self.port, target=b"/"), auth=auth)


def proxy_address(url: str) -> ProxyAddress:
    """Reads an address such as `http://user:password@proxy.example.org:3128`.

    Raises:
        ValueError: it cannot be used; the message says why and what to write, and repeats nothing of it.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise ValueError("is not a URL; percent-encode special characters of a password") from None
    if parts.scheme.startswith("socks"):
        raise ValueError("is a SOCKS proxy, which is not supported; write an HTTP proxy, such as http://proxy:3128")
    if parts.scheme != "http" or not parts.hostname or not _HOST.fullmatch(parts.hostname):
        raise ValueError(
            "is not an address of an HTTP proxy; write http://proxy:3128 or http://user:password@proxy:3128"
        )
    if parts.path.strip("/") or parts.query or parts.fragment or port == 0:
        raise ValueError(
            "holds more than a proxy's address; write http://proxy:3128 or http://user:password@proxy:3128"
        )
    credentials = None if parts.username is None else (unquote(parts.username), unquote(parts.password or ""))
    return ProxyAddress(parts.hostname, port or _DEFAULT_PORT, credentials)
