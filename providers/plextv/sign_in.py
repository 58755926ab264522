"""plex.tv's calls with which a person signs in, and what they add up to."""

import random
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import httpx
from pydantic import SecretStr

from leeward.extension import Calls
from leeward.extension.errors import Misconfigured, ProviderError, RateLimited, Transient
from providers.http_client.client import Bounds, Client
from providers.http_client.exchange import exchange, json_of
from providers.http_client.proxy import proxy_address
from providers.plextv.answers import (
    CHECK_PIN,
    CHECK_TOKEN,
    LIST_SERVERS,
    SERVICE,
    PinExpired,
    TokenInvalid,
    classify,
)
from providers.plextv.known_tokens import KnownTokens
from providers.plextv.pin import Pin, read_pin, read_time, sign_in_url
from providers.plextv.servers import ServerAccess, read_servers
from providers.plextv.settings import PlexTvSettings
from providers.trust import trust

_ANSWER_BYTES = 4 * 1024**2
_CONNECTIONS = 8
_JITTER = 0.3
_PATIENCE_AFTER_429 = timedelta(seconds=10)


@dataclass(frozen=True, slots=True)
class Account:
    """Whose token it is.

    Attributes:
        id: plex.tv's number, which never changes; 0 where it does not say.
    """

    id: int
    username: str
    email: str


class SignIn:
    """Safe to use from any number of threads. Close it when done."""

    def __init__(
        self,
        settings: PlexTvSettings,
        calls: Calls,
        *,
        now: Callable[[], datetime] = read_time,
        pause: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._settings = settings
        self._calls = calls
        self._now = now
        self._pause = pause
        self._known: KnownTokens[Account] = KnownTokens(settings.valid_for, clock)
        self._headers = {
            "Accept": "application/json",
            "User-Agent": "leeward",
            "X-Plex-Client-Identifier": settings.client_identifier,
            "X-Plex-Product": settings.product,
        }
        proxy = None if settings.proxy is None else proxy_address(settings.proxy.get_secret_value())
        self._client = Client(trust=trust(settings.ca_file), proxy=proxy, max_connections=_CONNECTIONS)

    def create_pin(self, *, strong: bool = True) -> Pin:
        """A PIN for `url_for`; not a strong one, but of four characters, for a person who types it at plex.tv/link.

        Raises:
            ProviderError: see `providers.plextv.answers`.
        """
        value = self._call("create_pin", "POST", "/api/v2/pins", params={"strong": "true"} if strong else {})
        return read_pin(value, self._now())

    def url_for(self, pin: Pin, forward_url: str | None = None) -> str:
        """Where the person signs in."""
        settings = self._settings
        return sign_in_url(
            pin,
            app_url=settings.app_url,
            client_identifier=settings.client_identifier,
            product=settings.product,
            forward_url=forward_url,
        )

    def check_pin(self, pin_id: int) -> Pin:
        """The PIN as it is now, with the token where the person has signed in.

        Raises:
            PinExpired: it is over.
            ProviderError: anything else, none of which says that it is over.
        """
        return read_pin(self._call(CHECK_PIN, "GET", f"/api/v2/pins/{int(pin_id)}"), self._now())

    def wait_for(self, pin: Pin) -> Pin:
        """Looks at the PIN until the person has signed in. Troubles that pass are waited out, as long as the PIN lives.

        Raises:
            PinExpired: no person has signed in in time.
            ProviderError: plex.tv, or something in between, refuses for good.
        """
        while self._now() < pin.expires_at:
            wait = self._settings.poll_every
            try:
                found = self.check_pin(pin.id)
                if found.is_claimed:
                    return found
            except RateLimited as error:
                wait = max(wait, _PATIENCE_AFTER_429 if error.retry_after is None else error.retry_after)
            except Transient:
                pass
            jittered = wait.total_seconds() * (1 + random.uniform(0, _JITTER))  # no secret
            self._pause(max(0.0, min(jittered, (pin.expires_at - self._now()).total_seconds())))
        raise PinExpired("no one has signed in while the PIN was valid; make another", condition="PIN_EXPIRED")

    def account(self, token: SecretStr) -> Account:
        """Whose token it is: found valid, and believed for `valid_for`.

        Raises:
            TokenInvalid: plex.tv says that it is not valid.
            ProviderError: anything else, none of which says anything about the token.
        """
        known = self._known.get(token)
        if known is None:
            known = _account(self._call(CHECK_TOKEN, "GET", "/api/v2/user", token=token))
            self._known.put(token, known)
        return known

    def servers(self, token: SecretStr) -> list[ServerAccess]:
        """The servers that the account may use, with its token at each.

        Raises:
            TokenInvalid: plex.tv says that the token is not valid.
            ProviderError: anything else, none of which says anything about the token.
        """
        params = {"includeHttps": "1", "includeRelay": "1"}
        base = self._settings.clients_url
        value = self._call(LIST_SERVERS, "GET", "/api/v2/resources", base=base, params=params, token=token)
        if not isinstance(value, list):
            raise Misconfigured("plex.tv answered with something other than a list of resources")
        return read_servers(value)

    def is_reachable(self) -> None:
        """For health checks: who asks without a token is refused by plex.tv itself.

        Raises:
            ProviderError: plex.tv is not well.
        """
        with suppress(TokenInvalid):
            self._exchange(CHECK_TOKEN, "GET", "/api/v2/user", "", {}, None)

    def close(self) -> None:
        """Ends every connection."""
        self._client.close()

    def _call(
        self,
        operation: str,
        method: str,
        path: str,
        *,
        base: str = "",
        params: Mapping[str, str] | None = None,
        token: SecretStr | None = None,
    ) -> Any:
        with self._calls(operation):
            return self._exchange(operation, method, path, base, params or {}, token)

    def _exchange(
        self, operation: str, method: str, path: str, base: str, params: Mapping[str, str], token: SecretStr | None
    ) -> Any:
        secret = "" if token is None else token.get_secret_value()
        settings = self._settings
        bounds = Bounds(
            connect=settings.connect_timeout,
            answer=settings.timeout,
            total=settings.timeout,
            body_bytes=_ANSWER_BYTES,
        )
        answer = exchange(
            self._client,
            SERVICE,
            method,
            httpx.URL(f"{base or settings.url}{path}", params=dict(params) or None),
            headers=self._headers
            | ({"X-Plex-Token": secret} if secret else {})
            | ({"Content-Length": "0"} if method == "POST" else {}),
            bounds=bounds,
            repeatable=True,  # a PIN that no one knows of is over in minutes
            secrets=[secret] if secret else [],
        )
        failure: ProviderError | None = classify(answer, operation=operation, now=self._now())
        if failure is not None:
            raise failure
        return json_of(answer, SERVICE)


def _account(value: Any) -> Account:
    fields: dict[str, Any] = value if isinstance(value, dict) else {}
    username, number = fields.get("username"), fields.get("id")
    if not isinstance(username, str):
        raise Misconfigured("plex.tv answered with something that is no account")
    return Account(number if isinstance(number, int) else 0, username, str(fields.get("email") or ""))
