"""The actor of webhooks that we send."""

from datetime import UTC, datetime
from typing import Any

from leeward.extension import Extension, actor, child_key, current_job
from leeward.jobs.notify.webhook import NotifyWebhook
from providers.webhook.provider import Webhook


@actor(NotifyWebhook, provider=Webhook, retry_preset="aggressive", unknown_outcome="rerun")
def notify_webhook(job: NotifyWebhook, webhook: Webhook) -> dict[str, Any]:
    """Posts an event. Running it again is harmless: the receiver knows the message by its id. Its result is that of `Sender.send`."""
    running = current_job()
    key, enqueued_at = (running.key, running.enqueued_at) if running else (child_key(), datetime.now(UTC))
    return webhook.send(job, key=key, enqueued_at=enqueued_at)


extension = Extension("webhook", api=1, providers=[Webhook], actors=[notify_webhook])
