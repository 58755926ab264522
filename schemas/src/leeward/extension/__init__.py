"""The seam: what a package needs to bring jobs and providers of its own into a fleet.

A package imports `leeward` and nothing else of the fleet, writes one `Extension`, and names it in an entry point of the group
`leeward.extensions`. Importing it registers nothing. `docs/extending.md` walks through an example.
"""

from leeward.duration import Duration
from leeward.extension.actor import Actor, UnknownOutcome, actor
from leeward.extension.calls import Call, Calls, MeasuredCall, current_call
from leeward.extension.cancel_requested import CancelRequested
from leeward.extension.context import Context, SessionPermits
from leeward.extension.current import (
    CurrentJob,
    begin_effect,
    child_key,
    current_job,
    emit_event,
    emit_event_if_dead,
    emit_event_now,
    report_progress,
    stop_if_cancelled,
)
from leeward.extension.errors import (
    Ambiguous,
    AuthFailed,
    Busy,
    Misconfigured,
    Permanent,
    ProviderError,
    QuotaExceeded,
    RateLimited,
    TargetUnavailable,
    Transient,
)
from leeward.extension.events.event import Event
from leeward.extension.events.handler import Handler, on
from leeward.extension.events.types import EVENT_TYPES
from leeward.extension.extension import API, GROUP, Extension
from leeward.extension.guards import Guards
from leeward.extension.health import Health
from leeward.extension.patience import Patience
from leeward.extension.periodic import Periodic, periodic
from leeward.extension.provider import Provider
from leeward.extension.recovery import Failure, Fallbacks, Recovered, RecoveryAction, recovery_action
from leeward.extension.resource import Resource
from leeward.extension.webhooks import (
    Hint,
    IncomingWebhook,
    WebhookReader,
    WebhookRefused,
    WebhookUnreadable,
    on_webhook,
)
from leeward.jobs.job import ProviderName

__all__ = [
    "API",
    "EVENT_TYPES",
    "GROUP",
    "Actor",
    "Ambiguous",
    "AuthFailed",
    "Busy",
    "Call",
    "Calls",
    "CancelRequested",
    "Context",
    "CurrentJob",
    "Duration",
    "Event",
    "Extension",
    "Failure",
    "Fallbacks",
    "Guards",
    "Handler",
    "Health",
    "Hint",
    "IncomingWebhook",
    "MeasuredCall",
    "Misconfigured",
    "Patience",
    "Periodic",
    "Permanent",
    "Provider",
    "ProviderError",
    "ProviderName",
    "QuotaExceeded",
    "RateLimited",
    "Recovered",
    "RecoveryAction",
    "Resource",
    "SessionPermits",
    "TargetUnavailable",
    "Transient",
    "UnknownOutcome",
    "WebhookReader",
    "WebhookRefused",
    "WebhookUnreadable",
    "actor",
    "begin_effect",
    "child_key",
    "current_call",
    "current_job",
    "emit_event",
    "emit_event_if_dead",
    "emit_event_now",
    "on",
    "on_webhook",
    "periodic",
    "recovery_action",
    "report_progress",
    "stop_if_cancelled",
]
