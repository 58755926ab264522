"""What yt-dlp may not do, as rules over the audit events of the interpreter (PEP 578). No event reaches anything before they agree."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from providers.http_client.special_addresses import refusal, refusal_of_literal

_WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
_BYTECODE = f"{os.sep}__pycache__{os.sep}"
_OTHER_STARTS = frozenset({"os.system", "os.exec", "os.posix_spawn"})


class Refused(PermissionError):
    """Raised in place of what was tried. yt-dlp treats it as a failed connection or a file that cannot be opened.

    Its text begins with `MARK`, by which the worker finds it in what yt-dlp reports.
    """

    MARK = "leeward refuses"

    def __init__(self, what: str) -> None:
        super().__init__(f"{self.MARK} {what}")


class Refusals:
    """For `sys.addaudithook`: each event that would break a rule raises `Refused`.

    Addresses are checked where the system is asked to connect, after the last resolution: redirects and names whose address changes
    (DNS rebinding) pass here as all else does.

    Args:
        folder: the only folder to write in.
        allow_private: whether private and loopback addresses may be connected to.
        proxy: the addresses of the proxy, which are then the only ones to connect to; None without one.
    """

    def __init__(self, folder: Path, *, allow_private: bool, proxy: frozenset[tuple[str, int]] | None = None) -> None:
        self._folder = os.path.realpath(folder)
        self._allow_private = allow_private
        self._proxy = proxy
        self._rules: dict[str, Callable[..., None]] = {
            "socket.connect": self._connect,
            "socket.sendto": self._connect,
            "socket.bind": _bind,
            "urllib.Request": self._request,
            "open": self._open,
            "subprocess.Popen": _start,
        }

    def __call__(self, event: str, arguments: tuple[Any, ...]) -> None:
        rule = self._rules.get(event)
        if rule is not None:
            rule(*arguments)
        elif event in _OTHER_STARTS:
            raise Refused(f"to start a program ({event})")

    def _connect(self, _: object, address: object) -> None:
        if not isinstance(address, tuple) or not isinstance(address[0], str):
            raise Refused("to connect to a local socket")
        host, port = address[0], address[1]
        if self._proxy is not None:
            if (host, port) not in self._proxy:
                raise Refused(f"to connect past the proxy, to {host}")
            return
        self._check(host)

    def _request(self, url: str, *_: object) -> None:
        """With a proxy, only hosts that are written as an address can be checked here: the proxy resolves all others."""
        if self._proxy is None:
            return
        host = urlsplit(url).hostname or ""
        refused = refusal_of_literal(host, allow_private=self._allow_private)
        if refused is not None:
            raise Refused(f"to connect to {refused[0]} ({refused[1]})")

    def _check(self, host: str) -> None:
        try:
            kind = refusal(host, allow_private=self._allow_private)
        except ValueError:
            raise Refused("to connect to a name that was not resolved") from None
        if kind is not None:
            raise Refused(f"to connect to {host} ({kind})")

    def _open(self, path: object, _mode: object, flags: object) -> None:
        if not isinstance(flags, int) or not flags & _WRITES or not isinstance(path, str | bytes):
            return
        place = os.path.realpath(os.fsdecode(path))
        if place == os.devnull or place.startswith(self._folder + os.sep) or _BYTECODE in place:
            return
        raise Refused(f"to write outside of its folder ({os.fsdecode(path)})")


def _bind(*_: object) -> None:
    raise Refused("to listen on a socket")


def _start(_executable: object, arguments: object, *_: object) -> None:
    """Programs such as ffmpeg convert what is there. One that fetches would connect past the rule for addresses."""
    words = list(arguments) if isinstance(arguments, list | tuple) else [arguments]
    if any("://" in os.fsdecode(word) for word in words if isinstance(word, str | bytes | os.PathLike)):
        raise Refused("to let another program fetch")
