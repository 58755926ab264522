"""A PIN with which a person signs in, and what plex.tv says of it."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote, urlencode

from pydantic import SecretStr

from leeward.extension.errors import Misconfigured

DEFAULT_LIFETIME = timedelta(seconds=900)
_LONGEST_LIFETIME = timedelta(days=7)
_LONGEST_CODE = 256


@dataclass(frozen=True, slots=True)
class Pin:
    """Attributes:
    id: plex.tv's number.
    code: what the person's page, or plex.tv/link, asks for. Anyone who has it can sign in as that person.
    expires_at: when it is over, by our clock.
    token: of the account, once the person has signed in.
    """

    id: int
    code: str
    expires_at: datetime
    token: SecretStr | None = None

    @property
    def is_claimed(self) -> bool:
        return self.token is not None


def read_pin(value: Any, now: datetime) -> Pin:
    """A PIN as plex.tv writes it. How long it lives is counted from now: the clocks of two machines differ.

    Raises:
        Misconfigured: it is none.
    """
    fields: dict[str, Any] = value if isinstance(value, dict) else {}
    number, code, token = _number(fields.get("id")), fields.get("code"), fields.get("authToken")
    if number is None or not isinstance(code, str) or not 0 < len(code) <= _LONGEST_CODE:
        raise Misconfigured("plex.tv answered with something that is no PIN; there is something in between")
    seconds = _number(fields.get("expiresIn"))
    is_usable = seconds is not None and 0 <= seconds <= _LONGEST_LIFETIME.total_seconds()
    lifetime = timedelta(seconds=seconds or 0) if is_usable else DEFAULT_LIFETIME
    return Pin(
        id=number,
        code=code,
        expires_at=now + lifetime,
        token=SecretStr(token) if isinstance(token, str) and token else None,
    )


def sign_in_url(pin: Pin, *, app_url: str, client_identifier: str, product: str, forward_url: str | None = None) -> str:
    """Where the person signs in, and is then sent on to `forward_url`. Its parameters are in the fragment, which no server sees."""
    parameters = {"clientID": client_identifier, "code": pin.code, "context[device][product]": product}
    if forward_url is not None:
        parameters["forwardUrl"] = forward_url
    return f"{app_url}#?{urlencode(parameters, quote_via=quote)}"


def read_time() -> datetime:
    """The present moment."""
    return datetime.now(UTC)


def _number(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None
