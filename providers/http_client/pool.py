"""The one place that builds pools of connections."""

import ssl

import httpcore

from providers.http_client.proxy import ProxyAddress
from providers.http_client.sockets import Sockets

_KEEP_IDLE_SECONDS = 5.0


def build_pool(
    *,
    trust: ssl.SSLContext,
    sockets: Sockets,
    proxy: ProxyAddress | None,
    max_connections: int,
) -> httpcore.ConnectionPool:
    """Connections through bounded sockets, to the proxy where there is one. Connects at the first request."""
    return httpcore.ConnectionPool(
        ssl_context=trust,
        proxy=None if proxy is None else proxy.for_pool(),
        max_connections=max_connections,
        max_keepalive_connections=max_connections,
        keepalive_expiry=_KEEP_IDLE_SECONDS,
        network_backend=sockets,
    )
