"""What Seerr's answers mean. A status alone is never enough: 403 and 500 have several meanings, and the message says which one it is.

Its own errors are JSON: `{"message": ...}`, or `{"status": 403, "error": ...}` from the check of permissions. What is no such thing was
written by something in front of it, or in its place.
"""

import re
from collections.abc import Callable
from datetime import datetime
from http import HTTPStatus
from typing import Any

from leeward.extension.errors import (
    AuthFailed,
    Misconfigured,
    Permanent,
    ProviderError,
    QuotaExceeded,
    RateLimited,
    Transient,
)
from leeward.redaction import excerpt
from providers.http_client import in_between
from providers.http_client.answer import Answer
from providers.http_client.failures import Service
from providers.http_client.in_between import Meaning
from providers.http_client.json_body import NotJson, parse_json
from providers.retry_after import parse_retry_after

SERVICE = Service("Seerr", credential="API key")
CREATE, DELETE = "create_request", "delete_request"
OF_ONE_REQUEST = frozenset({"get_request", "retry_request", "approve_request", "decline_request", DELETE})
OF_ONE_TITLE = frozenset({"get_movie", "get_series"})

_SENTENCE_LENGTH = 200
_TRANSIENT_4XX = frozenset({HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_EARLY})
_SIGN_IN = ("WWW-Authenticate", "Proxy-Authenticate", "Cf-Mitigated")
"""Neither server sends these."""
_QUOTA = re.compile(r"\bquota\b", re.IGNORECASE)
_CSRF = re.compile(r"\bcsrf\b", re.IGNORECASE)
_KEY = re.compile(r"\bapi.?key\b|unauthori[sz]ed|not authenticated", re.IGNORECASE)
_NO_SUCH_TITLE = re.compile(r"\[T[MV]DB\].*status code 404\b", re.IGNORECASE | re.DOTALL)
_NO_SUCH_USER = re.compile(r"could not find any entity of type \W*user\b", re.IGNORECASE)


class NoSuchRequest(Permanent):
    """Raised when the request that was named is gone. Seerr answers 404 to any failure: ask twice before you believe it."""

    usual_condition = "NOT_FOUND"


class AlreadyRequested(Permanent):
    """Raised when there is a request for the movie already."""

    usual_condition = "CONFLICT"


class CsrfProtected(Misconfigured):
    """Raised when Seerr's CSRF protection refuses what comes with an API key alone."""


def classify(answer: Answer, *, provider: str, operation: str, now: datetime) -> ProviderError | None:
    """The error that an answer means; None when the request succeeded.

    Args:
        answer: read to its end.
        provider: for the error.
        operation: what was tried; some read 401, 404 and 409 in their own way.
        now: to read a `Retry-After` date.
    """
    meaning = _meaning(answer, operation)
    if meaning is None:
        return None
    kind, said = meaning
    wait = parse_retry_after(answer.headers.get("Retry-After"), now=now)
    text = f"Seerr answered {answer.status}: {said}"
    return kind(text, provider=provider, operation=operation, status=answer.status, retry_after=wait)


def sentence(answer: Answer) -> str | None:
    """What Seerr says in its own error; None when it is not Seerr's."""
    said = _json(answer)
    if not isinstance(said, dict):
        return None
    text = said.get("message") or said.get("error")
    return text if isinstance(text, str) else None


def _meaning(answer: Answer, operation: str) -> Meaning | None:
    if answer.is_success:
        return _success(answer)
    if HTTPStatus.MULTIPLE_CHOICES <= answer.status < HTTPStatus.BAD_REQUEST:
        return in_between.redirect_meaning(answer, SERVICE)
    if answer.status == HTTPStatus.TOO_MANY_REQUESTS:
        return RateLimited, "too many requests"
    said = sentence(answer)
    if said is None or any(name in answer.headers for name in _SIGN_IN):
        return in_between.meaning(answer, SERVICE)
    return _of_seerr(answer, said, operation)


def _success(answer: Answer) -> Meaning | None:
    if answer.status == HTTPStatus.NO_CONTENT or answer.is_json:
        return None
    what = excerpt(answer.media_type or "no content type", _SENTENCE_LENGTH)
    return Misconfigured, f"{what} instead of JSON; the URL leads to something that is not the API"


def _of_seerr(answer: Answer, said: str, operation: str) -> Meaning:
    special = _BY_STATUS.get(answer.status)
    if special is not None:
        return special(answer, said, operation)
    if answer.status in _TRANSIENT_4XX or answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return Transient, _quoted(said)
    return Permanent, _quoted(said)


def _unauthorized(_answer: Answer, said: str, operation: str) -> Meaning:
    if operation == DELETE and not _KEY.search(said) and "connect.sid" not in said:
        return Permanent, f"the request is not ours to delete: {_quoted(said)}"
    return AuthFailed, f"the API key did not arrive; a proxy may drop X-Api-Key ({_quoted(said)})"


def _forbidden(answer: Answer, said: str, _operation: str) -> Meaning:
    if _is_of_permission_check(answer) or _KEY.search(said):
        return AuthFailed, (
            f"the API key is wrong, or the user that it acts as may not do this ({_quoted(said)});"
            " copy the key from Settings, General, and check user_id"
        )
    if _CSRF.search(said):
        return CsrfProtected, "its CSRF protection refuses API keys; switch it off in Settings, Network"
    if _QUOTA.search(said):
        return QuotaExceeded, _quoted(said)
    return Permanent, _quoted(said)


def _not_found(answer: Answer, said: str, operation: str) -> Meaning:
    if not _is_of_router(answer):
        if operation in OF_ONE_REQUEST:
            return NoSuchRequest, f"there is no such request ({_quoted(said)})"
        if operation in OF_ONE_TITLE:
            return Permanent, f"there is no such title ({_quoted(said)})"
    return Misconfigured, f"there is no such path; check the URL ({_quoted(said)})"


def _method_not_allowed(_answer: Answer, said: str, _operation: str) -> Meaning:
    return Misconfigured, f"the URL leads to something that is not the API ({_quoted(said)})"


def _conflict(_answer: Answer, said: str, operation: str) -> Meaning:
    return (AlreadyRequested if operation == CREATE else Permanent), _quoted(said)


def _server_error(_answer: Answer, said: str, _operation: str) -> Meaning:
    if _NO_SUCH_TITLE.search(said):
        return Permanent, f"there is no such title: {_quoted(said)}"
    if _NO_SUCH_USER.search(said):
        return Permanent, f"there is no such user: {_quoted(said)}"
    return Transient, _quoted(said)  # an outage of TMDB, a locked database


_BY_STATUS: dict[int, Callable[[Answer, str, str], Meaning]] = {
    HTTPStatus.UNAUTHORIZED: _unauthorized,
    HTTPStatus.FORBIDDEN: _forbidden,
    HTTPStatus.NOT_FOUND: _not_found,
    HTTPStatus.METHOD_NOT_ALLOWED: _method_not_allowed,
    HTTPStatus.CONFLICT: _conflict,
    HTTPStatus.INTERNAL_SERVER_ERROR: _server_error,
}


def _is_of_permission_check(answer: Answer) -> bool:
    """It says `error`, where the error handler says `message`; its sentence is the same for a wrong key and for a missing permission."""
    said = _json(answer)
    return isinstance(said, dict) and "error" in said and "message" not in said


def _is_of_router(answer: Answer) -> bool:
    """The check against its own API document lists what it refuses."""
    said = _json(answer)
    return isinstance(said, dict) and isinstance(said.get("errors"), list)


def _json(answer: Answer) -> Any:
    try:
        return parse_json(answer.body) if answer.is_json else None
    except NotJson:
        return None


def _quoted(said: str) -> str:
    """Seerr's own words, for people."""
    one_line = " ".join("".join(sign if sign.isprintable() else " " for sign in said).split())
    return excerpt(one_line or "no explanation", _SENTENCE_LENGTH)
