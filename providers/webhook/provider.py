"""Receivers of webhooks, as the fleet knows them."""

from datetime import datetime, timedelta
from typing import Any, ClassVar

from leeward.extension import Guards, Health, Provider
from leeward.jobs.notify.webhook import NotifyWebhook
from providers.webhook.settings import WebhookSettings


class Webhook(Provider[WebhookSettings], type="webhook"):
    """One receiver, or those that jobs name."""

    guards: ClassVar[Guards] = {"limit": 10}

    def longest_call(self) -> timedelta:
        return self.settings.timeout * 2

    def open(self) -> None:
        from providers.webhook.sender import Sender  # the HTTP client: not for a worker that sends no webhooks

        self._sender = Sender(self.settings, self.context.call)

    def close(self) -> None:
        self._sender.close()

    def health(self) -> Health:
        return self._sender.health()

    def send(self, job: NotifyWebhook, *, key: str, enqueued_at: datetime) -> dict[str, Any]:
        """See `Sender.send`."""
        return self._sender.send(job, key=key, enqueued_at=enqueued_at)
