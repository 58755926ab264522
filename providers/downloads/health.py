"""Whether downloads could be written now. Hosts are not asked: a fleet downloads from many."""

import os
from datetime import timedelta

import httpcore

from leeward.extension import Health
from providers.downloads.config import DownloadConfig
from providers.downloads.disk.folder import Folder
from providers.http_client.proxy import ProxyAddress
from providers.http_client.sockets import Sockets
from providers.http_client.time_limits import time_limits

_LONGEST_LOOK = timedelta(seconds=5)


def check_health(config: DownloadConfig) -> Health:
    """Healthy means that the download folder is there, may be written to, and has more free space than the reserve; and that
    the proxy takes connections, where there is one.
    """
    try:
        with Folder.open(config.root, ()) as folder:
            free = folder.free_bytes()
    except OSError as error:
        return _health(problem=f"the download folder cannot be opened: {error.strerror}")
    if not os.access(config.root, os.W_OK | os.X_OK):
        return _health(problem="the download folder may not be written to")
    if free < config.free_disk_reserve_bytes:
        return _health(problem=f"{free} bytes are free, and {config.free_disk_reserve_bytes} are to stay free")
    return _health(problem=None if config.proxy is None else _unreachable(config.proxy))


def _unreachable(proxy: ProxyAddress) -> str | None:
    try:
        with time_limits(_LONGEST_LOOK):
            Sockets().connect_tcp(proxy.host, proxy.port, _LONGEST_LOOK.total_seconds()).close()
    except (httpcore.NetworkError, httpcore.TimeoutException) as error:
        return f"the proxy {proxy.shown} cannot be reached: {type(error).__name__}"
    return None


def _health(problem: str | None) -> Health:
    return Health(ok=problem is None, detail=problem or "the download folder can be written to", latency=timedelta())
