"""Connections to checked addresses only: a job cannot make a worker talk to its own network (request forgery, SSRF)."""

from collections.abc import Iterable, Sequence

import httpcore

from providers.http_client.resolution import Resolver, resolve
from providers.http_client.sockets import Sockets
from providers.http_client.special_addresses import refusal, refusal_of_literal


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


class AddressGuard(Sockets):
    """Resolves a host once, drops the addresses that are refused, and connects to one of those that it has checked.

    The name is never resolved a second time, so an answer that changes in between (DNS rebinding) changes nothing.
    Redirects pass here too: every connection does. TLS and the `Host` header keep using the name.
    """

    def __init__(self, *, allow_private: bool, resolver: Resolver = resolve) -> None:
        super().__init__(resolver=resolver, allowed=self._only_allowed)
        self._allow_private = allow_private

    def check_literal(self, host: str) -> None:
        """For a host that a proxy will resolve: refuses it where it is an address, in any notation, or our own name.

        Raises:
            AddressRefused: it must not be connected to.
        """
        refused = refusal_of_literal(host, allow_private=self._allow_private)
        if refused is not None:
            raise AddressRefused(host, *refused)

    def connect_unix_socket(
        self,
        path: str,
        timeout: float | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        raise AddressRefused(path, path, "a local socket")

    def _only_allowed(self, host: str, addresses: Sequence[str]) -> list[str]:
        verdicts = [(address, refusal(address, allow_private=self._allow_private)) for address in addresses]
        allowed = [address for address, kind in verdicts if kind is None]
        if verdicts and not allowed:
            address, kind = verdicts[0]
            raise AddressRefused(host, address, kind or "")
        return allowed
