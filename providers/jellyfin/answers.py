"""What Jellyfin's answers mean. A status alone is never enough: content type, headers and body decide with it.

Jellyfin hides the cause of most errors behind `Error processing request.`; the useful text is only in its own log.
"""

from collections.abc import Callable
from datetime import datetime
from http import HTTPStatus

import httpx

from providers.errors import (
    AuthFailed,
    Misconfigured,
    Permanent,
    ProviderError,
    RateLimited,
    Transient,
)
from providers.retry_after import parse_retry_after

_SENTENCE_LENGTH = 200
_TRANSIENT_4XX = frozenset({HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_EARLY})


class NoSuchUser(Permanent):
    """Raised when the account that a request named is gone."""


class NameTaken(Permanent):
    """Raised when a create was refused with the 400 that, for a name checked beforehand, means that it is taken."""


def classify(answer: httpx.Response, *, provider: str, operation: str, now: datetime) -> ProviderError | None:
    """The error that an answer stands for; None when the request succeeded.

    Args:
        answer: read to its end.
        provider: for the error.
        operation: what was tried; `create_user` and the operations on one user read 400 and 404 in their own way.
        now: to read a `Retry-After` date.
    """
    meaning = _meaning(answer, operation)
    if meaning is None:
        return None
    kind, sentence = meaning
    wait = parse_retry_after(answer.headers.get("Retry-After"), now=now)
    text = f"Jellyfin answered {answer.status_code}: {sentence}"
    return kind(text, provider=provider, operation=operation, status=answer.status_code, retry_after=wait)


_Meaning = tuple[type[ProviderError], str]


def _meaning(answer: httpx.Response, operation: str) -> _Meaning | None:
    status = answer.status_code
    if status < HTTPStatus.MULTIPLE_CHOICES:
        return _success(answer)
    if status < HTTPStatus.BAD_REQUEST:
        return (
            Misconfigured,
            "a redirect; set the URL to the final address, with the BaseUrl prefix if the server has one",
        )
    special = _BY_STATUS.get(status)
    if special is not None:
        return special(answer, operation)
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR or status in _TRANSIENT_4XX:
        return Transient, _sentence(answer)  # 500 is also how a locked SQLite database and a lost create race look
    return Permanent, _sentence(answer)


def _success(answer: httpx.Response) -> _Meaning | None:
    if answer.status_code == HTTPStatus.NO_CONTENT:
        return None
    if not _is_json(answer):
        return Misconfigured, f"{_media_type(answer)} instead of JSON; the URL leads to something that is not the API"
    return None


def _bad_request(answer: httpx.Response, operation: str) -> _Meaning:
    # A validation problem comes as JSON. Plain text is an exception in the server: for a create, the name is taken.
    if operation == "create_user" and not _is_json(answer):
        return NameTaken, "the name is taken, or the server does not allow it"
    return Permanent, _sentence(answer)


def _unauthorized(_answer: httpx.Response, _operation: str) -> _Meaning:
    return AuthFailed, "the API key is wrong or was revoked; make a new one in the dashboard"


def _forbidden(answer: httpx.Response, _operation: str) -> _Meaning:
    if _is_html(answer):
        return Misconfigured, "a page that forbids it; something in front of the server stands in the way"
    if not answer.content:
        return AuthFailed, "the key may not do this; it must be an API key or an administrator's token"
    return Permanent, _sentence(answer)


def _not_found(answer: httpx.Response, operation: str) -> _Meaning:
    if operation in {"get_user", "set_policy", "set_password"} and not _is_html(answer):
        return NoSuchUser, "there is no such user"
    return Misconfigured, "there is no such path; check the URL and its BaseUrl prefix"


def _method_not_allowed(_answer: httpx.Response, _operation: str) -> _Meaning:
    return Misconfigured, "the method is not allowed; the URL leads to something that is not the API"


def _too_many(_answer: httpx.Response, _operation: str) -> _Meaning:
    return RateLimited, "too many requests"


def _unavailable(answer: httpx.Response, _operation: str) -> _Meaning:
    # Three meanings: the setup server (Retry-After: 005), the core's start (a page), the address filter (nothing; never heals).
    if "Retry-After" not in answer.headers and not answer.content.strip():
        return Misconfigured, "nothing at all, as its address filter does; allow this machine in its network settings"
    return Transient, "the server is starting" if _is_html(answer) else _sentence(answer)


_BY_STATUS: dict[int, Callable[[httpx.Response, str], _Meaning]] = {
    HTTPStatus.BAD_REQUEST: _bad_request,
    HTTPStatus.UNAUTHORIZED: _unauthorized,
    HTTPStatus.FORBIDDEN: _forbidden,
    HTTPStatus.NOT_FOUND: _not_found,
    HTTPStatus.METHOD_NOT_ALLOWED: _method_not_allowed,
    HTTPStatus.TOO_MANY_REQUESTS: _too_many,
    HTTPStatus.SERVICE_UNAVAILABLE: _unavailable,
}


def _sentence(answer: httpx.Response) -> str:
    """The sentence of a short answer, for people."""
    if _is_html(answer):
        return "a page"
    text = answer.text.strip().strip('"')
    return text[:_SENTENCE_LENGTH] or "no explanation"


def _media_type(answer: httpx.Response) -> str:
    return str(answer.headers.get("Content-Type", "")).partition(";")[0].strip().lower() or "no content type"


def _is_html(answer: httpx.Response) -> bool:
    return _media_type(answer) in {"text/html", "application/xhtml+xml"}


def _is_json(answer: httpx.Response) -> bool:
    media_type = _media_type(answer)
    return media_type == "application/json" or media_type.endswith("+json")
