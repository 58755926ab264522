"""What Jellyfin's answers mean. A status alone is never enough: content type, headers and body decide with it.

Jellyfin hides the cause of most errors behind `Error processing request.`; the useful text is only in its own log. Whose answer it is
comes first (`origin`); what is not Jellyfin's own is read by `in_between`.
"""

from collections.abc import Callable
from datetime import datetime
from http import HTTPStatus
from types import MappingProxyType

from leeward.extension.errors import (
    AuthFailed,
    Misconfigured,
    Permanent,
    ProviderError,
    RateLimited,
    Transient,
)
from leeward.redaction import excerpt
from providers.http_client import in_between
from providers.http_client.answer import Answer
from providers.http_client.failures import Service
from providers.http_client.in_between import Meaning
from providers.jellyfin.origin import Origin, origin, sentence
from providers.retry_after import parse_retry_after

SERVICE = Service(
    "Jellyfin",
    ca_file="LEEWARD_JELLYFIN_CA_FILE",
    too_large="the URL leads to something that is not the API, or the server has very many accounts: then raise "
    "LEEWARD_JELLYFIN_LIST_LIMIT_BYTES",
    credential="API key",
)

_SENTENCE_LENGTH = 200
_TRANSIENT_4XX = frozenset({HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_EARLY})
_OF_ONE_USER = frozenset({"delete_user", "get_user", "set_policy", "set_password"})


class NoSuchUser(Permanent):
    """Raised when the account that a request named is gone."""

    usual_condition = "NOT_FOUND"
    conditions_by_status = MappingProxyType({})


class NameTaken(Permanent):
    """Raised when a create was refused with the 400 that, for a name that was checked before, means that it is taken."""

    usual_condition = "CONFLICT"
    conditions_by_status = MappingProxyType({})


def classify(answer: Answer, *, provider: str, operation: str, now: datetime) -> ProviderError | None:
    """The error that an answer means; None when the request succeeded.

    Args:
        answer: read to its end.
        provider: for the error.
        operation: what was tried; `create_user` and the operations on one user read 400 and 404 in their own way.
        now: to read a `Retry-After` date.
    """
    meaning = _meaning(answer, operation)
    if meaning is None:
        return None
    kind, said = meaning
    wait = parse_retry_after(answer.headers.get("Retry-After"), now=now)
    text = f"Jellyfin answered {answer.status}: {said}"
    return kind(text, provider=provider, operation=operation, status=answer.status, retry_after=wait)


def _meaning(answer: Answer, operation: str) -> Meaning | None:
    if answer.is_success:
        return _success(answer)
    if HTTPStatus.MULTIPLE_CHOICES <= answer.status < HTTPStatus.BAD_REQUEST:
        return in_between.redirect_meaning(answer, SERVICE)
    if origin(answer) is Origin.IN_BETWEEN:
        return in_between.meaning(answer, SERVICE)
    return _of_jellyfin(answer, operation)


def _success(answer: Answer) -> Meaning | None:
    if answer.status == HTTPStatus.NO_CONTENT or (answer.status == HTTPStatus.OK and answer.is_json):
        return None
    what = answer.media_type or "no content type"
    if answer.status != HTTPStatus.OK:
        what = "a status that it does not use"
    return (
        Misconfigured,
        f"{excerpt(what, _SENTENCE_LENGTH)} instead of JSON; the URL leads to something that is not the API",
    )


def _of_jellyfin(answer: Answer, operation: str) -> Meaning:
    special = _BY_STATUS.get(answer.status)
    if special is not None:
        return special(answer, operation)
    if answer.status in _TRANSIENT_4XX:
        return Transient, _said(answer)
    if HTTPStatus.BAD_REQUEST < answer.status < HTTPStatus.INTERNAL_SERVER_ERROR and sentence(answer) is not None:
        return Permanent, _said(answer)
    # 500 is also how a locked SQLite database and a lost create race look. A bare status may be anybody's.
    return in_between.meaning(answer, SERVICE) if sentence(answer) is None else (Transient, _said(answer))


def _bad_request(answer: Answer, operation: str) -> Meaning:
    # A validation problem comes as JSON. Plain text is an exception in the server: for a create, the name is taken.
    if operation == "create_user" and not answer.is_json:
        return NameTaken, "the name is taken, or the server does not allow it"
    if operation == "delete_user" and not answer.is_json:
        return Permanent, "it deletes no user without whom it has no administrator"
    return Permanent, _said(answer)


def _unauthorized(_answer: Answer, _operation: str) -> Meaning:
    return AuthFailed, "the API key is wrong or was revoked; make a new one in the dashboard"


def _forbidden(answer: Answer, _operation: str) -> Meaning:
    if sentence(answer) is None:
        return AuthFailed, "the key may not do this; it must be an API key or an administrator's token"
    return Permanent, _said(answer)


def _not_found(_answer: Answer, operation: str) -> Meaning:
    if operation in _OF_ONE_USER:
        return NoSuchUser, "there is no such user"
    return Misconfigured, "there is no such path; check the URL and its BaseUrl prefix"


def _method_not_allowed(_answer: Answer, _operation: str) -> Meaning:
    return Misconfigured, "the method is not allowed; the URL leads to something that is not the API"


def _too_many(_answer: Answer, _operation: str) -> Meaning:
    return RateLimited, "too many requests"


def _unavailable(answer: Answer, _operation: str) -> Meaning:
    # Three meanings: the setup server (Retry-After: 005), the core's start (a page), the address filter (nothing; never heals).
    if answer.body.strip() or "Retry-After" in answer.headers:
        return Transient, "the server is starting" if answer.is_html else _said(answer)
    if origin(answer) is Origin.JELLYFIN:
        return Misconfigured, "nothing at all, as its address filter does; allow this machine in its network settings"
    return Transient, "nothing at all, as a proxy does while the server cannot be reached"


_BY_STATUS: dict[int, Callable[[Answer, str], Meaning]] = {
    HTTPStatus.BAD_REQUEST: _bad_request,
    HTTPStatus.UNAUTHORIZED: _unauthorized,
    HTTPStatus.FORBIDDEN: _forbidden,
    HTTPStatus.NOT_FOUND: _not_found,
    HTTPStatus.METHOD_NOT_ALLOWED: _method_not_allowed,
    HTTPStatus.TOO_MANY_REQUESTS: _too_many,
    HTTPStatus.SERVICE_UNAVAILABLE: _unavailable,
}


def _said(answer: Answer) -> str:
    """Jellyfin's own words, for people."""
    return excerpt(sentence(answer) or "no explanation", _SENTENCE_LENGTH)
