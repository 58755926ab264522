"""Sends webhooks: to the instance's own receiver, or to one that a job names."""

import base64
import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any

import httpx
import orjson

from leeward.extension import Calls, Health
from leeward.extension.errors import Misconfigured, Permanent, ProviderError
from leeward.jobs.notify.webhook import NotifyWebhook
from leeward.redaction import hide_credentials
from providers.http_client.address_guard import AddressGuard, AddressRefused
from providers.http_client.answer import Answer
from providers.http_client.client import Bounds, Client
from providers.http_client.exchange import exchange
from providers.http_client.failures import Service
from providers.http_client.location import LocationRefused, host_of, location
from providers.http_client.proxy import proxy_address
from providers.http_client.resolution import Resolver, resolve
from providers.trust import trust
from providers.webhook.answers import ReceiverUnavailable, classify
from providers.webhook.settings import WebhookSettings
from providers.webhook.signature import SecretInvalid, signed, signing_key

_ANSWER_BYTES = 64 * 1024
_CONNECTIONS = 16


@dataclass(frozen=True, slots=True)
class Receiver:
    """Where a message goes.

    Attributes:
        url: with all of its secrets.
        keys: what it is signed with.
        is_own: whether it is the instance's own.
    """

    url: httpx.URL
    keys: Sequence[bytes]
    is_own: bool

    @property
    def shown(self) -> str:
        """A path may be a secret, too: many receivers know their senders by it."""
        return host_of(str(self.url)) or "the receiver"


class Sender:
    """Safe to use from any number of threads. Close it when done."""

    def __init__(
        self,
        settings: WebhookSettings,
        calls: Calls,
        *,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        resolver: Resolver = resolve,
    ) -> None:
        self._settings = settings
        self._calls = calls
        self._now = now
        secrets = [one for one in (settings.secret, settings.previous_secret, settings.url) if one is not None]
        hide_credentials(one.get_secret_value() for one in secrets)
        self._guard = AddressGuard(allow_private=settings.allow_private, resolver=resolver)
        self._proxy = None if settings.proxy is None else proxy_address(settings.proxy.get_secret_value())
        self._client = Client(
            trust=trust(settings.ca_file),
            proxy=self._proxy,
            max_connections=_CONNECTIONS,
            sockets=self._guard if self._proxy is None else None,
        )
        self._own = self._own_receiver()

    def send(self, job: NotifyWebhook, *, key: str, enqueued_at: datetime) -> dict[str, Any]:
        """Makes one attempt. Repeating it is harmless: the message has the same id each time.

        Args:
            job: what to send.
            key: stays the same over all attempts and replays of the job.
            enqueued_at: when the event happened, where the job does not say it.

        Returns:
            `webhook_id`, and the receiver's `status`.

        Raises:
            ProviderError: see `providers.webhook.answers`.
        """
        receiver = self._receiver(job)
        message_id, body = _message_id(key), _body(job, enqueued_at)
        with self._calls("post"):
            answer = self._posted(receiver, message_id, body)
            failure = classify(answer, where=receiver.shown, is_own=receiver.is_own, now=self._now())
            if failure is not None:
                raise failure
        return {"webhook_id": message_id, "status": answer.status}

    def health(self) -> Health:
        """Healthy means that the instance's own receiver answers a HEAD, with whatever is no fault of a server.

        Raises:
            ProviderError: there is no answer.
        """
        if self._own is None:
            return Health.healthy("each job names its receiver")
        answer = self._answer(self._own, "HEAD", {}, b"")
        return Health(ok=answer.status < HTTPStatus.INTERNAL_SERVER_ERROR, detail=f"answers {answer.status}")

    def close(self) -> None:
        """Ends every connection."""
        self._client.close()

    def _own_receiver(self) -> Receiver | None:
        settings = self._settings
        if settings.url is None or settings.secret is None:
            return None
        secrets = [one for one in (settings.secret, settings.previous_secret) if one is not None]
        keys = [signing_key(one.get_secret_value()) for one in secrets]
        return Receiver(location(settings.url.get_secret_value()), keys, is_own=True)

    def _receiver(self, job: NotifyWebhook) -> Receiver:
        if job.url is None or job.secret is None:
            if self._own is None:
                raise Permanent("the job names no url, and the instance has none in its settings")
            return self._own
        if self._own is not None:
            raise Permanent("the job names a url, but this instance has a receiver of its own: name another instance")
        try:
            return Receiver(location(job.url), [signing_key(job.secret.get_secret_value())], is_own=False)
        except LocationRefused as refused:
            raise Permanent(str(refused)) from refused
        except SecretInvalid as invalid:
            raise Permanent(f"the secret of the job {invalid}") from None

    def _posted(self, receiver: Receiver, message_id: str, body: bytes) -> Answer:
        headers = {"Content-Type": "application/json", **signed(message_id, self._now(), body, receiver.keys)}
        return self._answer(receiver, "POST", headers, body)

    def _answer(self, receiver: Receiver, method: str, headers: dict[str, str], body: bytes) -> Answer:
        try:
            if self._proxy is not None:
                self._guard.check_literal(receiver.url.host)
            return exchange(
                self._client,
                Service(receiver.shown),
                method,
                receiver.url,
                headers={"User-Agent": "leeward", **_credentials(receiver.url), **headers},
                content=body,
                bounds=self._bounds(),
                repeatable=True,
            )
        except AddressRefused as refused:
            if receiver.is_own:
                text = f"{refused}: webhooks do not go there; set allow_private if they should"
                raise Misconfigured(text) from refused
            raise Permanent(f"{refused}: webhooks do not go there") from refused
        except ProviderError as error:
            if receiver.is_own or self._is_of_our_proxy(error):
                raise
            raise ReceiverUnavailable(str(error), unreachable=error.unreachable, condition=error.condition) from error

    def _is_of_our_proxy(self, error: ProviderError) -> bool:
        return self._proxy is not None and isinstance(error, Misconfigured)

    def _bounds(self) -> Bounds:
        settings = self._settings
        return Bounds(
            connect=settings.connect_timeout,
            answer=settings.timeout,
            total=settings.timeout,
            body_bytes=_ANSWER_BYTES,
            is_cut=True,
        )


def _message_id(key: str) -> str:
    # A digest: the key is the producer's, and may hold a `.` or what the receiver must not know.
    return f"msg_{hashlib.sha256(key.encode()).hexdigest()[:32]}"


def _body(job: NotifyWebhook, enqueued_at: datetime) -> bytes:
    at = (job.occurred_at or enqueued_at).astimezone(UTC)
    payload = {"type": job.event, "timestamp": at.isoformat().replace("+00:00", "Z"), "data": job.data}
    return orjson.dumps(payload)


def _credentials(url: httpx.URL) -> dict[str, str]:
    if not url.userinfo:
        return {}
    credentials = base64.b64encode(f"{url.username}:{url.password}".encode()).decode("ascii")
    return {"Authorization": f"Basic {credentials}"}
