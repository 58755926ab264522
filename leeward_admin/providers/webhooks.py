"""Webhooks that outside services send to the fleet: verified, taken once, and answered with a job that asks the service itself."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from functools import cached_property
from typing import TYPE_CHECKING, Any

from leeward.actions import CheckInstallation
from leeward.errors import CallInProgress, LeewardError, NotFound
from leeward.extension.webhooks import Hint, IncomingWebhook, WebhookReader, WebhookUnreadable
from workers.settings.settings import Settings

if TYPE_CHECKING:
    from leeward import Leeward
    from workers.composition.composition import Composition
    from workers.composition.instance import Instance

__all__ = ["Receipt", "UnknownReceiver", "WebhookOutcome", "Webhooks"]

SAME_HINT = timedelta(minutes=5)
"""For so long, another webhook about the same thing is the same hint. What it would have shown is found by the provider's own look."""


class UnknownReceiver(NotFound):
    """Raised when no instance of the name takes webhooks here."""

    code = "unknown_receiver"
    actions = (CheckInstallation(),)

    def __init__(self, provider: str, receivers: Sequence[str]) -> None:
        known = f"those that do: {', '.join(receivers)}" if receivers else "no provider that is configured here does"
        super().__init__(f"{provider!r} takes no webhooks here; {known}")


class WebhookOutcome(StrEnum):
    ACCEPTED = "accepted"
    """A job looks at what it is about."""
    DUPLICATE = "duplicate"
    """The job of an earlier one does."""
    IGNORED = "ignored"
    """It needs nothing, as a test message does."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """What became of a webhook.

    Attributes:
        job_id: of the job that looks; None where there is none, or where the earlier webhook is being taken right now.
    """

    outcome: WebhookOutcome
    job_id: str | None = None


class Webhooks:
    """Takes webhooks for the instances that are configured on this machine. Imports the installed extensions when the first one arrives.
    Thread-safe.
    """

    def __init__(self, settings: Settings, client: "Callable[[], Leeward]") -> None:
        self._settings = settings
        self._client = client

    def receivers(self) -> list[str]:
        """The instances that take webhooks."""
        return sorted(name for name, one in self._composition.instances.items() if self._reader(one) is not None)

    def receive(self, provider: str, headers: Mapping[str, str], body: bytes) -> Receipt:
        """Takes one webhook. Sending it again, or several times at once, makes no second job.

        Args:
            provider: the instance that it was sent to.
            headers: of the request, in any case.
            body: of the request, as it came.

        Raises:
            UnknownReceiver: no such instance takes webhooks.
            WebhookRefused: it does not show that its sender knows the secret.
            WebhookUnreadable: it is not what the service sends.
            ProviderDisabled, QueueFull: its job is not accepted.
            Unavailable: Valkey cannot be reached; the same webhook may be sent again.
        """
        hint = self._hint(provider, IncomingWebhook(headers, body))
        return Receipt(WebhookOutcome.IGNORED) if hint is None else self._taken(provider, hint)

    def _hint(self, provider: str, incoming: IncomingWebhook) -> Hint | None:
        instance = self._composition.instances.get(provider)
        reader = None if instance is None else self._reader(instance)
        if instance is None or reader is None:
            raise UnknownReceiver(provider, self.receivers())
        try:
            hint: Hint | None = reader(incoming, instance.type.provider(provider, instance.settings))
        except LeewardError:
            raise
        except Exception as error:  # whatever a stranger sends must not look like a fault of ours
            raise WebhookUnreadable(f"the webhook cannot be read: {type(error).__name__}") from error
        return hint

    def _taken(self, provider: str, hint: Hint) -> Receipt:
        from leeward import key, once

        client = self._client()
        try:
            with once(key("webhook.receive", provider, None, {"hint": hint.key}), client, kept=SAME_HINT) as attempt:
                if attempt.is_new:
                    attempt.answer = client.enqueue(hint.job).job_id
        except CallInProgress:
            return Receipt(WebhookOutcome.DUPLICATE)
        return Receipt(WebhookOutcome.ACCEPTED if attempt.is_new else WebhookOutcome.DUPLICATE, attempt.answer)

    def _reader(self, instance: "Instance") -> WebhookReader[Any] | None:
        installed = (one for found in self._composition.installed for one in found.extension.webhooks)
        return next((one for one in installed if issubclass(instance.type.provider, one.provider)), None)

    @cached_property
    def _composition(self) -> "Composition":
        from leeward.redaction import hide_credentials
        from workers.composition.composition import compose

        found = compose(self._settings)
        hide_credentials(found.fleet.credentials())
        return found
