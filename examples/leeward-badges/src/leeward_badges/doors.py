"""The API of a door controller, and what its answers mean for a job."""

from collections.abc import Mapping
from datetime import timedelta
from http import HTTPStatus
from typing import Any

import httpx
from pydantic import BaseModel, HttpUrl, SecretStr

from leeward.extension import (
    Ambiguous,
    AuthFailed,
    Duration,
    Health,
    Permanent,
    Provider,
    RateLimited,
    Transient,
)

PHASES_OF_A_CALL = 2
"""Connecting and reading each have the whole time limit."""


class DoorSettings(BaseModel):
    """What `[providers.NAME]` has beside the guards."""

    url: HttpUrl
    token: SecretStr
    timeout: Duration = timedelta(seconds=5)


class Doors(Provider[DoorSettings], type="doors"):
    """One door controller."""

    guards = {"limit": 4, "rate": 20.0}

    def open(self) -> None:
        self._http = httpx.Client(
            base_url=str(self.settings.url),
            headers={"X-Token": self.settings.token.get_secret_value()},
            timeout=self.settings.timeout.total_seconds(),
            trust_env=False,
        )

    def close(self) -> None:
        self._http.close()

    def longest_call(self) -> timedelta:
        return PHASES_OF_A_CALL * self.settings.timeout

    def health(self) -> Health:
        status = self._http.get("/health").status_code
        return Health.healthy() if status == HTTPStatus.OK else Health.unhealthy(f"the controller answered {status}")

    def issue(self, person: str, zones: tuple[str, ...], pin: str) -> str:
        """Prints a card. Returns its number.

        Raises:
            Ambiguous: no answer came after the request was sent: a card may have been printed.
        """
        body = {"person": person, "zones": zones, "pin": pin}
        return str(self._call("issue", "POST", "/badges", body)["number"])

    def revoke(self, person: str) -> int:
        """How many badges of a person were valid until now."""
        return int(self._call("revoke", "DELETE", f"/people/{person}/badges")["revoked"])

    def expired(self) -> list[str]:
        """People whose badges are valid and should not be any more."""
        return [str(person) for person in self._call("expired", "GET", "/expired")["people"]]

    def restart(self) -> None:
        """Takes a controller out of the state that it is in after a power cut: it answers, and opens nothing."""
        self._call("restart", "POST", "/restart")

    def _call(self, operation: str, method: str, path: str, body: object = None) -> Mapping[str, Any]:
        with self.context.call(operation):
            answer = self._answer(method, path, body)
            if not answer.is_success:
                raise _meaning(answer)
            found: Mapping[str, Any] = answer.json()
            return found

    def _answer(self, method: str, path: str, body: object) -> httpx.Response:
        try:
            return self._http.request(method, path, json=body)
        except (httpx.ConnectError, httpx.ConnectTimeout) as error:
            raise Transient(f"cannot connect: {error}", unreachable=True) from error
        except httpx.TransportError as error:
            raise Ambiguous(f"no answer: {error}", unreachable=True) from error


def _meaning(answer: httpx.Response) -> Exception:
    status = answer.status_code
    if status in {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}:
        return AuthFailed("the controller refuses the token", status=status)
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        seconds = answer.headers.get("Retry-After", "")  # some servers send a date
        wait = timedelta(seconds=int(seconds) if seconds.isdecimal() else 1)
        return RateLimited("the controller limits the rate", status=status, retry_after=wait)
    kind = Transient if answer.is_server_error else Permanent
    return kind(f"the controller answered {status}: {answer.text[:200]}", status=status)
