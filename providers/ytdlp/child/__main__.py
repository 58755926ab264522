"""`python -I -m providers.ytdlp.child`: yt-dlp as one job needs it. The order is the first line of the standard input."""

import os
import socket
import ssl
import sys
from pathlib import Path

from providers.ytdlp.child.continuing import watch_versions
from providers.ytdlp.child.lifeline import hang_on
from providers.ytdlp.child.order import Order
from providers.ytdlp.child.refusals import Refusals
from providers.ytdlp.child.versions import Versions

NOT_INSTALLED = 78
"""The exit code when there is no yt-dlp; `EX_CONFIG` of sysexits.h. yt-dlp itself ends with 0, 1, 2, 100 or 101."""


def main() -> None:
    with open(0, "rb", buffering=0, closefd=False) as standard_input:
        order = Order.read(standard_input.readline())
    hang_on(0)
    _choose_transport()
    _trust(order)
    try:
        import yt_dlp
        from yt_dlp.downloader.http import HttpFD
    except ImportError as error:
        sys.stderr.write(f"ERROR: yt-dlp cannot be imported: {error}\n")
        sys.exit(NOT_INSTALLED)
    watch_versions(Versions(order.folder / "versions.json"), HttpFD, yt_dlp.YoutubeDL)
    # Last, as no rule can be taken back; before the first address is known.
    sys.addaudithook(Refusals(order.folder, allow_private=order.allow_private, proxy=_proxy_addresses(order)))
    yt_dlp.main(list(order.arguments))


def _choose_transport() -> None:
    """Urllib alone: its connections are Python's, and pass the rules. yt-dlp takes these where they are installed."""
    for name in ("requests", "curl_cffi"):
        sys.modules[name] = None  # type: ignore[assignment] # documented: an import then raises ModuleNotFoundError


def _trust(order: Order) -> None:
    if order.ca_file is None:
        return
    import certifi

    places = ssl.get_default_verify_paths()
    platform = Path(places.openssl_cafile)
    bundle = order.folder / "trusted.pem"
    bundle.write_bytes(
        (platform if platform.is_file() else Path(certifi.where())).read_bytes() + order.ca_file.read_bytes()
    )
    os.environ[places.openssl_cafile_env] = str(bundle)


def _proxy_addresses(order: Order) -> frozenset[tuple[str, int]] | None:
    if order.proxy is None:
        return None
    host, port = order.proxy
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except OSError:
        return frozenset()
    return frozenset((str(sockaddr[0]), port) for *_, sockaddr in found)


if __name__ == "__main__":
    main()
