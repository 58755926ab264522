"""Health checks of dependencies over HTTP, to checked addresses only, as webhooks are sent."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

from leeward.extension.errors import ProviderError, Transient
from providers.http_client.address_guard import AddressGuard, AddressRefused
from providers.http_client.answer import Answer as HttpAnswer
from providers.http_client.client import Bounds, Client
from providers.http_client.exchange import exchange
from providers.http_client.failures import Service
from providers.http_client.location import LocationRefused, location
from providers.trust import trust
from workers.dependencies.dependency import Dependency
from workers.dependencies.health_rule import Answer, Check

AT_ONCE = 16
_ANSWER_BYTES = 4096
_SERVER_ERROR = 500


class HealthChecks:
    """Looks at many dependencies at once. Close it when done."""

    def __init__(self, *, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._now = now
        self._clients = {
            allow_private: Client(
                trust=trust(None),
                proxy=None,
                max_connections=AT_ONCE,
                sockets=AddressGuard(allow_private=allow_private),
            )
            for allow_private in (False, True)
        }

    def look(self, dependencies: list[Dependency]) -> dict[str, Check]:
        """By name; of those that have an address. Raises nothing."""
        asked = [one for one in dependencies if one.health_url is not None]
        with ThreadPoolExecutor(max_workers=AT_ONCE, thread_name_prefix="dependency check") as pool:
            return dict(zip((one.name for one in asked), pool.map(self._look, asked), strict=True))

    def close(self) -> None:
        """Ends every connection."""
        for client in self._clients.values():
            client.close()

    def _look(self, one: Dependency) -> Check:
        began, at = time.monotonic(), self._now()
        answer, detail = self._answer(one)
        return Check(answer=answer, detail=detail, took=timedelta(seconds=time.monotonic() - began), at=at)

    def _answer(self, one: Dependency) -> tuple[Answer, str]:
        host = one.host
        try:
            answer = exchange(
                self._clients[one.allow_private],
                Service(host),
                "GET",
                location(one.health_url or ""),
                headers={"User-Agent": "leeward"},
                bounds=Bounds(
                    connect=one.timeout, answer=one.timeout, total=one.timeout, body_bytes=_ANSWER_BYTES, is_cut=True
                ),
                repeatable=True,
            )
        except AddressRefused as refused:
            return Answer.REFUSED, f"{refused}: health checks do not go there; set allow_private if they should"
        except LocationRefused as refused:
            return Answer.REFUSED, str(refused)
        except ProviderError as error:
            return Answer.FAILING if isinstance(error, Transient) else Answer.REFUSED, str(error)
        return _meaning(answer, host)


def _meaning(answer: HttpAnswer, host: str) -> tuple[Answer, str]:
    detail = f"{host} answers {answer.status}"
    if answer.is_success:
        return Answer.GOOD, detail
    return Answer.FAILING if answer.status >= _SERVER_ERROR else Answer.REFUSED, detail
