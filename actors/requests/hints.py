"""The webhooks of a request manager: each is a hint to read one request again. They come once or never, and may be lost."""

from typing import Any

from leeward.extension import Hint, IncomingWebhook, WebhookRefused, WebhookUnreadable, on_webhook
from leeward.jobs.sync.requests import SyncRequests
from providers.seerr.provider import Seerr

_OF_REQUESTS = "MEDIA_"
_LONGEST_TYPE = 64
_LARGEST_ID_DIGITS = 15


@on_webhook(provider=Seerr)
def request_changed(incoming: IncomingWebhook, seerr: Seerr) -> Hint | None:
    """One of a request reads that request; one of media without a request looks for whatever is new. Test messages and issues need
    nothing.
    """
    secret = seerr.settings.webhook_authorization
    if secret is None:
        raise WebhookRefused(
            f"{seerr.name} takes no webhooks: set webhook_authorization to the one in its webhook settings"
        )
    incoming.require(seerr.settings.webhook_header, secret)
    body = incoming.json()
    kind = body.get("notification_type") if isinstance(body, dict) else None
    if not isinstance(kind, str) or not kind or len(kind) > _LONGEST_TYPE:
        raise WebhookUnreadable("the webhook names no notification_type: keep that line of its template")
    number = _request_id(body)
    if number is not None:
        return Hint(SyncRequests(provider=seerr.name, request_ids=(number,)), key=f"{kind}/{number}")
    return Hint(SyncRequests(provider=seerr.name), key=kind) if kind.startswith(_OF_REQUESTS) else None


def _request_id(body: dict[str, Any]) -> int | None:
    """It comes as a text, an empty one where there is none. Where it stands is up to the operator's template."""
    request = body.get("request")
    found = (request if isinstance(request, dict) else body).get("request_id")
    text = str(found) if isinstance(found, str | int) and not isinstance(found, bool) else ""
    is_number = text.isascii() and text.isdecimal() and len(text) <= _LARGEST_ID_DIGITS
    return int(text) or None if is_number else None
