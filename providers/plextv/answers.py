"""What plex.tv's answers mean. Of a token, 200 and 401 alone say anything; of a PIN, only 404 says that it is over."""

from datetime import datetime
from http import HTTPStatus

from leeward.extension.errors import AuthFailed, Misconfigured, Permanent, ProviderError, RateLimited, Transient
from leeward.redaction import excerpt
from providers.http_client import in_between
from providers.http_client.answer import Answer
from providers.http_client.failures import Service
from providers.http_client.in_between import Meaning
from providers.plex.origin import Origin, origin, sentence
from providers.retry_after import parse_retry_after

SERVICE = Service("plex.tv", credential="token")

CHECK_PIN, CHECK_TOKEN, LIST_SERVERS = "check_pin", "check_token", "list_servers"
_WITH_TOKEN = frozenset({CHECK_TOKEN, LIST_SERVERS})
_TOKEN_EXPIRED = 498
"""plex.tv's own, for a signed token (JWT) that is older than its seven days."""
_SENTENCE_LENGTH = 200
_PASSING = frozenset({HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_EARLY})


class PinExpired(Permanent):
    """Raised when a PIN is over, or there is none of that number: make another."""


class TokenInvalid(Permanent):
    """Raised when plex.tv says that a token is none, or none any more: its owner must sign in again. Never for any other trouble."""


def classify(answer: Answer, *, operation: str, now: datetime) -> ProviderError | None:
    """The error that an answer means; None when the request succeeded.

    Args:
        answer: read to its end.
        operation: what was tried.
        now: to read a `Retry-After` date.
    """
    if answer.is_success:
        return None if answer.is_json else _not_plextv(answer)
    if answer.status < HTTPStatus.BAD_REQUEST:
        kind, said = in_between.redirect_meaning(answer, SERVICE)
        return kind(f"plex.tv answered {answer.status}: {said}", status=answer.status)
    if (special := _of_token_or_pin(answer, operation)) is not None:
        return special
    kind, said = _other(answer)
    wait = parse_retry_after(answer.headers.get("Retry-After"), now=now)
    return kind(f"plex.tv answered {answer.status}: {said}", status=answer.status, retry_after=wait)


def _not_plextv(answer: Answer) -> Misconfigured:
    found = excerpt(answer.media_type or "no content type", _SENTENCE_LENGTH)
    message = f"plex.tv answered {answer.status} with {found} instead of JSON; there is something in between"
    return Misconfigured(message, status=answer.status)


def _of_token_or_pin(answer: Answer, operation: str) -> ProviderError | None:
    status, of = answer.status, origin(answer)
    if operation in _WITH_TOKEN and (status == HTTPStatus.UNAUTHORIZED or _is_refused_token(answer, of)):
        message = f"plex.tv answered {status}: the token is not valid any more; its owner must sign in again"
        return TokenInvalid(message, status=status, condition="TOKEN_INVALID")
    if operation == CHECK_PIN and status == HTTPStatus.NOT_FOUND and of is not Origin.IN_BETWEEN:
        message = "plex.tv answered 404: the PIN is over, or there is none of that number; make another"
        return PinExpired(message, status=status, condition="PIN_EXPIRED")
    return None


def _is_refused_token(answer: Answer, of: Origin) -> bool:
    """How signed tokens are refused: 498 for their age, 422 for their signature."""
    if of is Origin.IN_BETWEEN:
        return False
    is_unprocessable = answer.status == HTTPStatus.UNPROCESSABLE_ENTITY
    return answer.status == _TOKEN_EXPIRED or (is_unprocessable and "token" in sentence(answer).lower())


def _other(answer: Answer) -> Meaning:
    status, of = answer.status, origin(answer)
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        return RateLimited, _said(answer)
    if of is Origin.IN_BETWEEN or (of is Origin.UNKNOWN and status >= HTTPStatus.INTERNAL_SERVER_ERROR):
        return in_between.meaning(answer, SERVICE)
    if status in _OF_AN_OPERATOR:
        kind, advice = _OF_AN_OPERATOR[status]
        return kind, f"{_said(answer)}; {advice}"
    passes = status in _PASSING or status >= HTTPStatus.INTERNAL_SERVER_ERROR
    return Transient if passes else Permanent, _said(answer)


_OF_AN_OPERATOR: dict[int, tuple[type[ProviderError], str]] = {
    HTTPStatus.UNAUTHORIZED: (AuthFailed, "check the client_identifier"),
    HTTPStatus.FORBIDDEN: (AuthFailed, "check the client_identifier"),
    HTTPStatus.NOT_FOUND: (Misconfigured, "check the URL"),
    HTTPStatus.METHOD_NOT_ALLOWED: (Misconfigured, "check the URL"),
}


def _said(answer: Answer) -> str:
    return excerpt(sentence(answer), _SENTENCE_LENGTH) or "no explanation"
