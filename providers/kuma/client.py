"""Requests to one Uptime Kuma."""

import base64
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

import httpx

from leeward.extension import Calls, Health, Misconfigured
from leeward.redaction import hide_credentials
from providers.http_client.answer import Answer
from providers.http_client.client import Bounds, Client
from providers.http_client.exchange import exchange
from providers.http_client.json_body import parse_json
from providers.http_client.proxy import proxy_address
from providers.kuma.answers import LIMITER_WINDOW, SERVICE, classify_metrics, classify_page, classify_push
from providers.kuma.monitors import Monitor, of_metrics, of_page
from providers.kuma.settings import KumaSettings
from providers.trust import trust

_ANSWER_BYTES = 16 * 1024**2
"""A page of a thousand monitors with a hundred heartbeats each has about 10 MB."""
_CONNECTIONS = 4
_LONGEST_MESSAGE = 250
_LONGEST_PING_MS = 1e11
"""2.x answers 404 to more."""


class KumaClient:
    """Safe to use from any number of threads. Close it when done."""

    def __init__(
        self,
        settings: KumaSettings,
        calls: Calls,
        *,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._settings = settings
        self._calls = calls
        self._now = now
        self._clock = clock
        self._accepted_at: float | None = None
        self._secrets = [*settings.push_tokens().values()]
        if settings.metrics_key is not None:
            self._secrets.append(settings.metrics_key.get_secret_value())
        hide_credentials(self._secrets)
        proxy = None if settings.proxy is None else proxy_address(settings.proxy.get_secret_value())
        self._client = Client(trust=trust(settings.ca_file), proxy=proxy, max_connections=_CONNECTIONS)

    def push(self, token: str, *, is_up: bool, message: str, ping_ms: float | None = None) -> None:
        """Records a heartbeat. Repeating it is harmless: it is recorded once more.

        Args:
            token: of the push monitor.
            is_up: any other word than `up` would record DOWN, and alert people: none is sent.
            message: what people read beside it; cut to 250 characters.
            ping_ms: a time in milliseconds; one that Uptime Kuma would refuse, or take for none, is left out.

        Raises:
            Permanent: the token is wrong, or the monitor is paused.
            ProviderError: any other class of failure; see `providers.kuma.answers`.
        """
        said = {"status": "up" if is_up else "down", "msg": message[:_LONGEST_MESSAGE]}
        if ping_ms is not None and 0 < ping_ms <= _LONGEST_PING_MS:
            said["ping"] = f"{ping_ms:.3f}"
        with self._calls("push"):
            answer = self._get(f"/api/push/{token}", said)
            failure = classify_push(answer, now=self._now())
            if failure is not None:
                raise failure

    def page(self, slug: str) -> list[Monitor]:
        """The monitors of a status page. Uptime Kuma keeps its answers for a minute, the list of monitors for five.

        Raises:
            Permanent: there is no such page.
            ProviderError: any other class of failure.
        """
        with self._calls("read_page"):
            page = self._json(f"/api/status-page/{slug}")
        with self._calls("read_heartbeats"):
            return of_page(page, self._json(f"/api/status-page/heartbeat/{slug}"))

    def metrics(self) -> list[Monitor]:
        """The monitors of `/metrics`.

        Raises:
            Misconfigured: the settings have no key for it.
            RateLimited: it was asked more often than Uptime Kuma allows.
            AuthFailed: the key, or the name and password, is refused.
            ProviderError: any other class of failure.
        """
        key = self._settings.metrics_key
        if key is None:
            raise Misconfigured("set metrics_key to read /metrics of Uptime Kuma")
        credentials = base64.b64encode(f"{self._settings.metrics_user}:{key.get_secret_value()}".encode()).decode()
        with self._calls("read_metrics"):
            answer = self._get("/metrics", {}, {"Authorization": f"Basic {credentials}", "Accept": "text/plain"})
            failure = classify_metrics(answer, now=self._now(), accepted_lately=self._was_accepted_lately())
            if failure is not None:
                raise failure
        self._accepted_at = self._clock()
        return of_metrics(answer.text)

    def health(self) -> Health:
        """Healthy means that its API answers: a status page that does not exist has no heartbeats, and is never an error.

        Raises:
            ProviderError: it gives no answer, or another one.
        """
        slug = next(iter(self._settings.status_pages), "leeward")
        found = self._json(f"/api/status-page/heartbeat/{slug}")
        if not isinstance(found, dict) or "heartbeatList" not in found:
            return Health.unhealthy("the answer holds no heartbeats; check the URL")
        return Health.healthy("answers")

    def close(self) -> None:
        """Ends every connection."""
        self._client.close()

    def _was_accepted_lately(self) -> bool:
        return self._accepted_at is not None and self._clock() - self._accepted_at < LIMITER_WINDOW.total_seconds()

    def _json(self, path: str) -> Any:
        answer = self._get(path, {})
        failure = classify_page(answer, now=self._now())
        if failure is not None:
            raise failure
        return parse_json(answer.body)

    def _get(self, path: str, query: Mapping[str, str], headers: Mapping[str, str] | None = None) -> Answer:
        settings = self._settings
        return exchange(
            self._client,
            SERVICE,
            "GET",  # the only method that 1.x knows for a push, and both read its query alone
            httpx.URL(settings.url + path, params=dict(query) or None),
            headers={"Accept": "application/json", "User-Agent": "leeward", **(headers or {})},
            bounds=Bounds(
                connect=settings.connect_timeout,
                answer=settings.timeout,
                total=settings.timeout,
                body_bytes=_ANSWER_BYTES,
            ),
            repeatable=True,
            secrets=self._secrets,
        )
