"""How a provider reads the webhooks of its service."""

from collections.abc import Callable
from typing import Any, Generic, TypeVar

from leeward.extension.declared import Declared
from leeward.extension.provider import Provider
from leeward.extension.webhooks.incoming import Hint, IncomingWebhook

P = TypeVar("P", bound=Provider[Any])


class WebhookReader(Declared[[IncomingWebhook, P], Hint | None], Generic[P]):
    """Reads the webhooks that are sent to an instance of a provider class.

    Attributes:
        provider: the class; it has one such function at most.
    """

    def __init__(self, function: Callable[[IncomingWebhook, P], Hint | None], provider: type[P]) -> None:
        super().__init__(function, "an incoming webhook", "a provider")
        self.provider = provider


class _Bind(Generic[P]):
    def __init__(self, provider: type[P]) -> None:
        self._provider = provider

    def __call__(self, function: Callable[[IncomingWebhook, P], Hint | None], /) -> WebhookReader[P]:
        return WebhookReader(function, self._provider)


def on_webhook(*, provider: type[P]) -> _Bind[P]:
    """Declares what a webhook means that is sent to an instance of a provider class.

        @on_webhook(provider=Acme)
        def invoice_changed(incoming: IncomingWebhook, acme: Acme) -> Hint | None:
            incoming.require("X-Acme-Secret", acme.settings.webhook_secret)
            number = str(incoming.json()["number"])
            return Hint(SyncInvoice(provider=acme.name, number=number), key=number)

    The function runs where webhooks arrive, not in a worker: the instance has its name and settings and is not opened. It checks who sent
    the webhook before it reads it, and returns None for one that needs nothing. It raises `WebhookRefused` or `WebhookUnreadable`.
    Whatever else it raises counts as a webhook that cannot be read.
    """
    return _Bind(provider)
