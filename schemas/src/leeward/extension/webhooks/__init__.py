"""What outside services send to a fleet by themselves: a hint that something has changed, never the truth about it."""

from leeward.extension.webhooks.errors import WebhookRefused, WebhookUnreadable
from leeward.extension.webhooks.incoming import Hint, IncomingWebhook
from leeward.extension.webhooks.reader import WebhookReader, on_webhook

__all__ = ["Hint", "IncomingWebhook", "WebhookReader", "WebhookRefused", "WebhookUnreadable", "on_webhook"]
