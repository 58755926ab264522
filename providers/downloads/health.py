"""Whether downloads could be written now. Hosts are not asked: a fleet downloads from many."""

from datetime import timedelta

import httpcore

from leeward.extension import Health
from providers.downloads.config import DownloadConfig
from providers.downloads.disk.refusal import folder_problem
from providers.http_client.proxy import ProxyAddress
from providers.http_client.sockets import Sockets
from providers.http_client.time_limits import time_limits

_LONGEST_LOOK = timedelta(seconds=5)


def check_health(config: DownloadConfig) -> Health:
    """Healthy means that the download folder is there, may be written to, and has more free space than the reserve; and that
    the proxy takes connections, where there is one.
    """
    problem = folder_problem(config.root, config.free_disk_reserve_bytes, "the download folder")
    if problem is None and config.proxy is not None:
        problem = _unreachable(config.proxy)
    return Health(ok=problem is None, detail=problem or "the download folder can be written to", latency=timedelta())


def _unreachable(proxy: ProxyAddress) -> str | None:
    try:
        with time_limits(_LONGEST_LOOK):
            Sockets().connect_tcp(proxy.host, proxy.port, _LONGEST_LOOK.total_seconds()).close()
    except (httpcore.NetworkError, httpcore.TimeoutException) as error:
        return f"the proxy {proxy.shown} cannot be reached: {type(error).__name__}"
    return None
