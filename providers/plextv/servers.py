"""The servers that an account may use, and how each is reached."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import SecretStr

from providers.plex.content import objects


@dataclass(frozen=True, slots=True)
class Connection:
    """One way to a server."""

    url: str
    is_local: bool
    is_relay: bool


@dataclass(frozen=True, slots=True)
class ServerAccess:
    """A server and the account's token at it, which is another than that at plex.tv.

    Attributes:
        machine: the server's `machineIdentifier`.
        is_owned: the account owns it: only then may its token have sections scanned.
        connections: the best first: local ones, then direct ones, relays last.
    """

    name: str
    machine: str
    is_owned: bool
    token: SecretStr
    connections: tuple[Connection, ...]


def read_servers(value: Any) -> list[ServerAccess]:
    """The media servers of a list of resources; players and whatever cannot be read are left out."""
    found = (_server(one) for one in objects({"resources": value}, "resources"))
    return [one for one in found if one is not None]


def _server(one: Mapping[str, Any]) -> ServerAccess | None:
    provides, token = str(one.get("provides") or ""), one.get("accessToken")
    name, machine = one.get("name"), one.get("clientIdentifier")
    if "server" not in provides.split(",") or not isinstance(token, str) or not token:
        return None
    if not isinstance(name, str) or not isinstance(machine, str):
        return None
    connections = sorted(_connections(one), key=lambda each: (each.is_relay, not each.is_local))
    return ServerAccess(name, machine, one.get("owned") is True, SecretStr(token), tuple(connections))


def _connections(one: Mapping[str, Any]) -> Iterator[Connection]:
    for each in objects(one, "connections"):
        url = each.get("uri")
        if isinstance(url, str) and url.startswith(("http://", "https://")):
            yield Connection(url, is_local=each.get("local") is True, is_relay=each.get("relay") is True)
