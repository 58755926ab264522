"""What a Plex server's answers mean. Its errors are pages of HTML or nothing at all, so they are never read as JSON.

Whose answer it is comes first (`origin`); what is not the server's own is read by `in_between`.
"""

from datetime import datetime
from http import HTTPStatus

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
from providers.plex.origin import Origin, origin, sentence
from providers.retry_after import parse_retry_after

SERVICE = Service("Plex", credential="token")

_SENTENCE_LENGTH = 200
_PASSING = frozenset({HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_EARLY})
_XML = frozenset({"text/xml", "application/xml"})
WITHOUT_CONTENT = frozenset({"refresh_section", "cancel_refresh", "delete_collection"})
"""Operations whose success has no body, or one that says nothing."""
_OF_ONE_THING = frozenset(
    {
        "add_collection_items",
        "cancel_refresh",
        "create_collection",
        "delete_collection",
        "list_collection_items",
        "list_collections",
        "list_items",
        "refresh_section",
        "search",
    }
)


class NoSuchThing(Permanent):
    """Raised when the section, collection or item that a request named is not there."""

    usual_condition = "NOT_FOUND"


def classify(answer: Answer, *, operation: str, now: datetime) -> ProviderError | None:
    """The error that an answer means; None when the request succeeded.

    Args:
        answer: read to its end.
        operation: what was tried; 404 depends on it, and whether a success has a body.
        now: to read a `Retry-After` date.
    """
    meaning = _meaning(answer, operation)
    if meaning is None:
        return None
    kind, said = meaning
    wait = parse_retry_after(answer.headers.get("Retry-After"), now=now)
    return kind(f"Plex answered {answer.status}: {said}", status=answer.status, retry_after=wait)


def _meaning(answer: Answer, operation: str) -> Meaning | None:
    if answer.is_success:
        return _success(answer, operation)
    if answer.status < HTTPStatus.BAD_REQUEST:
        return in_between.redirect_meaning(answer, SERVICE)
    of = origin(answer)
    if of is Origin.IN_BETWEEN:
        return in_between.meaning(answer, SERVICE)
    if (known := _by_status(answer, operation)) is not None:
        return known
    return _other(answer) if of is Origin.PLEX else in_between.meaning(answer, SERVICE)


def _success(answer: Answer, operation: str) -> Meaning | None:
    if answer.is_json:
        return None
    if operation in WITHOUT_CONTENT and not (answer.is_html and answer.body.strip()):
        return None
    if answer.media_type in _XML:
        said = "XML instead of JSON; something in between drops the Accept header"
    else:
        found = excerpt(answer.media_type or "no content type", _SENTENCE_LENGTH)
        said = f"{found} instead of JSON; the URL leads to something that is not a Plex server"
    return Misconfigured, said


def _by_status(answer: Answer, operation: str) -> Meaning | None:
    status = answer.status
    if status == HTTPStatus.NOT_FOUND:
        return _not_found(operation)
    if status in _OF_AN_OPERATOR:
        return _OF_AN_OPERATOR[status]
    if status == HTTPStatus.BAD_REQUEST:
        return Permanent, _said(answer)
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        return RateLimited, "too many requests"
    if status == HTTPStatus.SERVICE_UNAVAILABLE:
        return Transient, sentence(answer) or "the server is starting, or busy with its own maintenance"
    return None


def _not_found(operation: str) -> Meaning:
    if operation in _OF_ONE_THING:
        return NoSuchThing, "the section, collection or item is not there"
    return Misconfigured, "there is no such path; check the URL"


_OF_AN_OPERATOR: dict[int, Meaning] = {
    HTTPStatus.UNAUTHORIZED: (AuthFailed, "the token is missing, wrong or revoked; sign in again"),
    HTTPStatus.FORBIDDEN: (AuthFailed, "the token may not do this; it must be that of the server's owner"),
    HTTPStatus.METHOD_NOT_ALLOWED: (
        Misconfigured,
        "the method is not allowed; something in between lets only some of them pass",
    ),
}


def _other(answer: Answer) -> Meaning:
    """Any other status of the server itself."""
    if answer.status in _PASSING or answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return Transient, _said(answer)
    return Permanent, _said(answer)


def _said(answer: Answer) -> str:
    """Its own words, for people."""
    return excerpt(sentence(answer), _SENTENCE_LENGTH) or "no explanation"
