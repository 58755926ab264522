"""What Uptime Kuma's answers mean. Its statuses say little: every error of a push is 404, and most others are 403."""

import re
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Any

from leeward.extension.errors import AuthFailed, Misconfigured, Permanent, ProviderError, RateLimited, Transient
from leeward.redaction import excerpt
from providers.http_client import in_between
from providers.http_client.answer import Answer
from providers.http_client.failures import Service, of_broken_json
from providers.http_client.in_between import Meaning
from providers.http_client.json_body import NotJson, TooMuchJson, parse_json
from providers.retry_after import parse_retry_after

SERVICE = Service("Uptime Kuma", credential="API key")
LIMITER_WINDOW = timedelta(minutes=1)
"""Its limiters count within a minute, and answer 401 where others say 429."""

_SENTENCE_LENGTH = 200
_NOT_ACTIVE = re.compile(r"monitor not found|not active", re.IGNORECASE)
_NOT_FOUND = re.compile(r"not found", re.IGNORECASE)
_TOO_OFTEN = re.compile(r"too (frequent|many|often)|rate.?limit|try again later", re.IGNORECASE)


def classify_push(answer: Answer, *, now: datetime) -> ProviderError | None:
    """The error that the answer to a push means; None when it was recorded: JSON that says `ok`, and nothing else, is a success."""
    said = _said(answer)
    if said is None or "ok" not in said:
        return _of_something_else(answer, now=now)
    if said["ok"] is True and answer.is_success:
        return None
    words = _words(said)
    if answer.status == HTTPStatus.NOT_FOUND and _NOT_ACTIVE.search(words):
        text = f"Uptime Kuma knows no active monitor of this push token ({words}): compare the token, or resume the monitor"
        return Permanent(text, status=answer.status)
    return Transient(f"Uptime Kuma answered {answer.status}: {words}", status=answer.status)


def classify_page(answer: Answer, *, now: datetime) -> ProviderError | None:
    """The error that the answer of a status page means; None when it is JSON with 200."""
    said = _said(answer)
    if said is None:
        return _of_broken_page(answer, now=now)
    if answer.status == HTTPStatus.OK:
        return None
    words, wait = _words(said), parse_retry_after(answer.headers.get("Retry-After"), now=now)
    if answer.status == HTTPStatus.TOO_MANY_REQUESTS:
        return RateLimited(f"Uptime Kuma answered 429: {words}", status=answer.status, retry_after=wait)
    if answer.status == HTTPStatus.NOT_FOUND and _NOT_FOUND.search(words):
        text = f"Uptime Kuma knows no such status page ({words}): compare the slug, or publish the page"
        return Permanent(text, status=answer.status)
    if _is_its_own(said):  # 403 is any error of its own, as a database that is busy
        return Transient(f"Uptime Kuma answered {answer.status}: {words}", status=answer.status)
    return _of_something_else(answer, now=now)


def classify_metrics(answer: Answer, *, now: datetime, accepted_lately: bool) -> ProviderError | None:
    """The error that the answer of `/metrics` means; None for metrics.

    Args:
        answer: read to its end.
        now: to read a `Retry-After` date.
        accepted_lately: whether the same credentials were accepted within `LIMITER_WINDOW`: then 401 is the limiter.
    """
    if answer.status == HTTPStatus.UNAUTHORIZED:
        if accepted_lately or _TOO_OFTEN.search(answer.text):
            text = "Uptime Kuma answered 401: /metrics is asked too often"
            return RateLimited(text, status=answer.status, retry_after=LIMITER_WINDOW)
        text = "Uptime Kuma answered 401: the API key, or the name and password, is refused"
        return AuthFailed(text, status=answer.status)
    if answer.status == HTTPStatus.OK and answer.media_type in {"text/plain", "application/openmetrics-text"}:
        return None
    return _of_something_else(answer, now=now)


def _of_broken_page(answer: Answer, *, now: datetime) -> ProviderError:
    if answer.status == HTTPStatus.OK and answer.is_json:
        try:
            parse_json(answer.body)
        except TooMuchJson as problem:
            kind, words, facts = of_broken_json(answer.status, problem, SERVICE)
            return kind(words, **facts)
        except NotJson:  # cut off in between
            return Transient("Uptime Kuma answered 200 with invalid or incomplete JSON", status=answer.status)
    return _of_something_else(answer, now=now)


def _of_something_else(answer: Answer, *, now: datetime) -> ProviderError:
    wait = parse_retry_after(answer.headers.get("Retry-After"), now=now)
    kind, words = _meaning(answer)
    return kind(f"Uptime Kuma answered {answer.status}: {words}", status=answer.status, retry_after=wait)


def _meaning(answer: Answer) -> Meaning:
    if answer.is_success:
        what = excerpt(answer.media_type or "no content type", _SENTENCE_LENGTH)
        return Misconfigured, f"{what} in place of its API, as its pages are at every other path; check the URL"
    if HTTPStatus.MULTIPLE_CHOICES <= answer.status < HTTPStatus.BAD_REQUEST:
        return in_between.redirect_meaning(answer, SERVICE)
    return in_between.meaning(answer, SERVICE)


def _said(answer: Answer) -> dict[str, Any] | None:
    try:
        value = parse_json(answer.body)
    except NotJson:
        return None
    return value if isinstance(value, dict) else None


def _is_its_own(said: dict[str, Any]) -> bool:
    return said.get("status") == "fail" or said.get("ok") is False


def _words(said: dict[str, Any]) -> str:
    words = said.get("msg")
    return excerpt(words, _SENTENCE_LENGTH) if isinstance(words, str) and words else "no explanation"
