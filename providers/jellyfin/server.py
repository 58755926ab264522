"""Jellyfin's calls about the server as a whole: who it is, and its library."""

from dataclasses import dataclass
from typing import Any

from leeward.extension.errors import Misconfigured
from providers.jellyfin.transport import Transport


@dataclass(frozen=True, slots=True)
class ServerInfo:
    """What the server says of itself to someone with a key.

    Attributes:
        id: the same for as long as the server's data is kept.
        restart_needed: an update or a plugin waits for a restart.
    """

    id: str
    name: str
    version: str
    restart_needed: bool


class Server:
    """Thread-safe, as its transport is. Every method raises `leeward.extension.errors`."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def info(self) -> ServerInfo:
        """Needs a key that works, as `/System/Info/Public` does not: that answers to any key, and while the server starts."""
        found = self._transport.call("server_info", "GET", "/System/Info")
        fields: dict[str, Any] = found if isinstance(found, dict) else {}
        known = [fields.get(name) for name in ("Id", "ServerName", "Version")]
        if not all(isinstance(one, str) for one in known):
            message = "Jellyfin answered with something that is not about a server; the URL leads to something that is not the API"
            raise Misconfigured(message, provider=self._transport.config.name, operation="server_info")
        server_id, name, version = map(str, known)
        return ServerInfo(server_id, name, version, restart_needed=fields.get("HasPendingRestart") is True)

    def refresh_library(self) -> None:
        """Has all libraries scanned for what is new. Answers when the scan is queued. One that runs is broken off and begins again."""
        self._transport.call("refresh_library", "POST", "/Library/Refresh")
