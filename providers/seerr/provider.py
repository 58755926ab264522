"""A Seerr or Overseerr server, as the fleet knows it."""

from typing import TYPE_CHECKING, Any, ClassVar

from leeward.extension import Guards, Health, Provider
from leeward.redaction import hide_credentials
from providers.seerr.settings import SeerrSettings

if TYPE_CHECKING:
    from leeward.jobs.sync.request import SyncRequest
    from providers.seerr.requests import Requests


class Seerr(Provider[SeerrSettings], type="seerr"):
    """One server and its requests."""

    guards: ClassVar[Guards] = {"limit": 4, "failure_rate": 0.3}

    requests: "Requests"

    def open(self) -> None:
        # The HTTP client: not for a worker that has no Seerr.
        from providers.seerr.requests import Requests
        from providers.seerr.transport import Transport

        hide_credentials(
            secret.get_secret_value()
            for secret in (self.settings.api_key, self.settings.webhook_authorization)
            if secret is not None
        )
        self._transport = Transport(self.name, self.settings, self.context.call)
        self.requests = Requests(self._transport)

    def close(self) -> None:
        self._transport.close()

    def health(self) -> Health:
        from providers.seerr.health import check_health

        return check_health(self._transport)

    def submit(self, job: "SyncRequest") -> dict[str, Any]:
        """See `providers.seerr.submission.submit`. Its result is that of `SyncRequest`."""
        from providers.seerr.submission import submit

        outcome, request = submit(self.requests, job, self.name)
        return {"outcome": outcome.value} | ({} if request is None else request.facts())
