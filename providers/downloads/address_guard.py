"""Connections to checked addresses only: a job cannot make a worker talk to its own network (request forgery, SSRF)."""

import socket
from collections.abc import Callable, Iterable, Sequence

import httpcore

from providers.downloads.special_addresses import refusal

Resolver = Callable[[str, int], Sequence[str]]
"""The literal addresses of a host, best first. Raises `socket.gaierror`."""


class AddressRefused(Exception):
    """Raised when a host has no address that may be connected to.

    Attributes:
        host: the name that was asked for.
        address: the first of its addresses.
        kind: what is wrong with it, as `loopback`.
    """

    def __init__(self, host: str, address: str, kind: str) -> None:
        super().__init__(f"{host} is at {address} ({kind})")
        self.host = host
        self.address = address
        self.kind = kind


class HostNotFound(Exception):
    """Raised when a host's name does not resolve, for whatever reason."""


def resolve(host: str, port: int) -> Sequence[str]:
    """Asks the system's resolver. Numbers in any notation (`0x7f.1`, `2130706433`) come back as plain addresses too."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(sockaddr[0]) for *_, sockaddr in found))


class AddressGuard(httpcore.NetworkBackend):
    """Resolves a host once, drops the addresses that are refused, and connects to one of those that it has checked.

    The name is never resolved a second time, so an answer that changes in between (DNS rebinding) changes nothing.
    Redirects pass here too: every connection does. TLS and the `Host` header keep using the name.
    """

    def __init__(self, *, allow_private: bool, resolver: Resolver = resolve) -> None:
        self._allow_private = allow_private
        self._resolver = resolver
        self._sockets = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        """Connects to the first checked address that answers.

        Raises:
            AddressRefused: no address of the host is allowed.
            HostNotFound: the name does not resolve.
            httpcore.ConnectError, httpcore.ConnectTimeout: no allowed address answers.
        """
        failure: Exception | None = None
        for address in self._checked(host, port):
            try:
                return self._sockets.connect_tcp(address, port, timeout, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
        raise failure or HostNotFound(f"{host} has no address")

    def connect_unix_socket(
        self,
        path: str,
        timeout: float | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        raise AddressRefused(path, path, "a local socket")

    def _checked(self, host: str, port: int) -> list[str]:
        try:
            addresses = self._resolver(host, port)
        except (OSError, UnicodeError) as error:  # gaierror; a label that is empty or too long for IDNA
            raise HostNotFound(f"{host} does not resolve") from error
        verdicts = [(address, refusal(address, allow_private=self._allow_private)) for address in addresses]
        allowed = [address for address, kind in verdicts if kind is None]
        if verdicts and not allowed:
            address, kind = verdicts[0]
            raise AddressRefused(host, address, kind or "")
        return allowed
