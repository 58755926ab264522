"""Acme's API, and what its answers mean for a job."""

from datetime import timedelta
from http import HTTPStatus

import httpx
from pydantic import BaseModel, HttpUrl, SecretStr

from leeward.extension import AuthFailed, Duration, Health, Permanent, Provider, RateLimited, Transient

Invoice = dict[str, object]


class AcmeSettings(BaseModel):
    """What `[providers.NAME]` has beside the guards."""

    url: HttpUrl
    api_key: SecretStr
    timeout: Duration = timedelta(seconds=5)


class Acme(Provider[AcmeSettings], type="acme"):
    guards = {"limit": 20, "rate": 25.0, "burst": 5}

    def open(self) -> None:
        key = self.settings.api_key.get_secret_value()
        self._http = httpx.Client(
            base_url=str(self.settings.url),
            headers={"Authorization": f"Bearer {key}"},
            timeout=self.settings.timeout.total_seconds(),
            trust_env=False,
        )

    def close(self) -> None:
        self._http.close()

    def health(self) -> Health:
        status = self._http.get("/health").status_code
        return Health.healthy() if status == HTTPStatus.OK else Health.unhealthy(f"/health answered {status}")

    def invoice(self, number: str) -> Invoice | None:
        """None when Acme has no such invoice."""
        answer = self._ask("invoice", "GET", f"/invoices/{number}")
        return None if answer.status_code == HTTPStatus.NOT_FOUND else _record(answer, "invoice")

    def put_invoice(self, number: str, cents: int) -> Invoice:
        """Acme's own record of it."""
        return _record(self._ask("put_invoice", "PUT", f"/invoices/{number}", {"cents": cents}), "put_invoice")

    def _ask(self, operation: str, method: str, path: str, body: object = None) -> httpx.Response:
        try:
            return self._http.request(method, path, json=body)
        except httpx.TransportError as error:
            raise Transient(f"Acme did not answer: {error}", operation=operation, unreachable=True) from error


def _record(answer: httpx.Response, operation: str) -> Invoice:
    """The invoice in an answer.

    Raises:
        ProviderError: what another answer means.
    """
    status = answer.status_code
    if answer.is_success:
        record: Invoice = answer.json()
        return record
    if status in {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}:
        raise AuthFailed("Acme refuses the API key", operation=operation, status=status)
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        wait = timedelta(seconds=1)
        raise RateLimited("Acme limits the rate", operation=operation, status=status, retry_after=wait)
    meaning = Transient if answer.is_server_error else Permanent
    raise meaning(f"Acme answered {status}", operation=operation, status=status)
