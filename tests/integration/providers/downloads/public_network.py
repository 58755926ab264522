"""`python -m tests.integration.providers.downloads.public_network FOLDER`, in a network namespace of its own.

There, loopback has a public address too, so that the default settings can be tried: one host at the public address, one
at 127.0.0.1, and a downloader that knows nothing of tests. Prints one JSON object: what became of each attempt.
"""

import fcntl
import socket
import struct
import sys
from collections.abc import Sequence
from pathlib import Path

import orjson

from leeward.extension.errors import ProviderError
from leeward.jobs.download.file import DownloadFile
from providers.downloads.config import DownloadConfig
from providers.downloads.downloader import Downloader
from providers.http_client.resolution import Resolver, resolve
from simulators.files.server import FilesSimulator

PUBLIC, PRIVATE = "93.184.216.34", "127.0.0.1"
_SIOCSIFADDR, _SIOCGIFFLAGS, _SIOCSIFFLAGS = 0x8916, 0x8913, 0x8914
_UP = 0x1


def main() -> None:
    _give_loopback(PUBLIC)
    with FilesSimulator(host=PUBLIC) as public, FilesSimulator(port=public.port) as private:
        public.publish("/a.iso", size=1000)
        private.publish("/a.iso", size=1000)
        public.publish("/to-address", location=f"{private.url}/a.iso")
        public.publish("/to-name", location=f"http://inside.test:{private.port}/a.iso")
        attempts = {
            "public": _fetch(public, f"{public.url}/a.iso", resolve),
            "private": _fetch(public, f"{private.url}/a.iso", resolve),
            "redirect to address": _fetch(public, f"{public.url}/to-address", resolve),
            "redirect to name": _fetch(public, f"{public.url}/to-name", _changing([PUBLIC], [PRIVATE])),
            "rebinding": _fetch(public, f"http://files.test:{public.port}/a.iso", _changing([PUBLIC], [PRIVATE])),
            "both": _fetch(public, f"http://files.test:{public.port}/a.iso", _changing([PRIVATE, PUBLIC])),
        }
        found = attempts | {"requests at the private host": len(private.record.entries())}
    sys.stdout.write("result " + orjson.dumps(found).decode() + "\n")


def _fetch(public: FilesSimulator, url: str, resolver: Resolver) -> str:
    downloader = Downloader(DownloadConfig(root=Path(sys.argv[1])), resolver=resolver)
    try:
        return f"{downloader.fetch(DownloadFile(url=url, destination='a.iso')).size_bytes} bytes"
    except ProviderError as error:
        return type(error).__name__


def _changing(*answers: Sequence[str]) -> Resolver:
    left = list(answers)
    return lambda _host, _port: left.pop(0)


def _give_loopback(address: str) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
        for name in (b"lo", b"lo:1"):
            if name != b"lo":
                packed = struct.pack("16sH2s4s8x", name, socket.AF_INET, b"", socket.inet_aton(address))
                fcntl.ioctl(control, _SIOCSIFADDR, packed)
            flags = struct.unpack("16xH", fcntl.ioctl(control, _SIOCGIFFLAGS, struct.pack("16sH", name, 0)))[0]
            fcntl.ioctl(control, _SIOCSIFFLAGS, struct.pack("16sH", name, flags | _UP))


if __name__ == "__main__":
    main()
