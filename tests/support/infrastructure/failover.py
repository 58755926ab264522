"""Two Valkeys behind one address that change roles, while nobody cuts what is connected."""

from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit, urlunsplit

import redis

from tests.support.faults import FaultyProxy, faulty_proxy
from tests.support.servers import connect_valkey, running_valkey
from tests.support.waiting import wait_until


class Pair:
    """A primary, a replica, and an address that leads to the primary."""

    def __init__(self, first: str, second: str, proxy: FaultyProxy) -> None:
        self._urls = [first, second]
        self._clients = [connect_valkey(first), connect_valkey(second)]
        self._proxy = proxy
        self.url = proxy.url
        self.follow()

    @property
    def primary(self) -> redis.Redis:
        """A client of the primary that does not go through the address."""
        return self._clients[0]

    @property
    def replica(self) -> redis.Redis:
        return self._clients[1]

    def swap(self, *, replicates: bool = True) -> None:
        """The replica takes over, the address leads to it, and open connections stay where they are.

        Without `replicates` the old primary is a replica of nobody who answers: what it holds grows old.
        """
        wait_until(lambda: self._offset(0) == self._offset(1), description="the replica has caught up")
        self._urls.reverse()
        self._clients.reverse()
        self.primary.replicaof("NO", "ONE")
        self._proxy.lead_to(self._urls[0])
        if replicates:
            self.follow()
        else:
            self.replica.replicaof("127.0.0.1", 1)

    def close(self) -> None:
        for client in self._clients:
            client.close()

    def follow(self) -> None:
        """The replica follows the primary (again)."""
        address = urlsplit(self._urls[0])
        self.replica.config_set("masterauth", address.password or "")
        self.replica.replicaof(address.hostname or "", str(address.port))
        wait_until(
            lambda: self.replica.info("replication").get("master_link_status") == "up",
            description="the replica follows the primary",
            timeout=30,
        )

    def _offset(self, which: int) -> int:
        found = self._clients[which].info("replication")
        return int(found["master_repl_offset"])


@contextmanager
def pair_of_valkeys() -> Iterator[Pair]:
    with running_valkey() as first, running_valkey() as second, faulty_proxy(first.url) as proxy:
        password = urlsplit(first.url).password or ""
        for server in (first, second):
            with connect_valkey(server.url) as client:
                # A replica that joins is to be served at once, not in five seconds.
                client.config_set("repl-diskless-sync-delay", "0")
                client.config_set("requirepass", password)
        pair = Pair(first.url, _with_password(second.url, password), proxy)
        try:
            yield pair
        finally:
            pair.close()


def _with_password(url: str, password: str) -> str:
    parts = urlsplit(url)
    return urlunsplit(parts._replace(netloc=f":{password}@{parts.hostname}:{parts.port}"))
