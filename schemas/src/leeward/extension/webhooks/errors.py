"""Why a webhook is not taken. Neither text repeats anything of what was sent: anyone may send it."""

from leeward.errors import Invalid, Refused


class WebhookRefused(Refused):
    """Raised when a webhook does not show that its sender knows the secret, or when none is configured (over HTTP: 401)."""

    code = "webhook_refused"


class WebhookUnreadable(Invalid):
    """Raised when a webhook is not what its sender's service sends (over HTTP: 400)."""

    code = "webhook_unreadable"
