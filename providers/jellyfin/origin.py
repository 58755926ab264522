"""Whether an answer is Jellyfin's own, or of something that stands between us and it. A rule over its shape.

A proxy, a load balancer, a sign-in portal or another service on the port answers with the same statuses, and means other things.
"""

from enum import Enum, auto
from http import HTTPStatus
from typing import Any

from providers.http_client.answer import Answer
from providers.http_client.json_body import NotJson, parse_json

ERROR_TEXT = "Error processing request."
"""What its ExceptionMiddleware says in production, as text/plain, whatever the cause."""
_RESPONSE_TIME = "X-Response-Time-ms"
"""Its ResponseTimeMiddleware adds this to every answer of the running server; proxies pass it on."""
_SENTENCES = frozenset(
    {
        ERROR_TEXT,
        "User not found",
        "User update not allowed.",
        "User password update not allowed.",
        "Administrators cannot be disabled.",
        "There must be at least one enabled user in the system.",
        "There must be at least one user in the system with administrative access.",
        "Degraded",
        "Healthy",
        "Unhealthy",
    }
)
_SIGN_IN = ("WWW-Authenticate", "Proxy-Authenticate", "Cf-Mitigated")
"""Jellyfin never sends these."""
_PROBLEM = frozenset({"title", "type", "errors"})


class Origin(Enum):
    JELLYFIN = auto()
    IN_BETWEEN = auto()
    UNKNOWN = auto()
    """Nothing but a status: it may be anybody's."""


def origin(answer: Answer) -> Origin:
    """Who wrote an answer that is no success."""
    if any(name in answer.headers for name in _SIGN_IN):
        return Origin.IN_BETWEEN
    if _RESPONSE_TIME in answer.headers:
        return Origin.JELLYFIN
    if answer.body.strip():
        return Origin.JELLYFIN if _is_own_body(answer) else Origin.IN_BETWEEN
    return _of_nothing(answer)


def sentence(answer: Answer) -> str | None:
    """What Jellyfin says in its own answer; None when it says nothing."""
    if answer.is_json:
        said = _json(answer)
        if isinstance(said, dict):
            return _problem_sentence(said)
        return said if isinstance(said, str) else None
    return None if answer.is_html else answer.text.strip().strip('"') or None


def _is_own_body(answer: Answer) -> bool:
    if answer.is_html:
        # Its setup server and its starting core show a page, with this status only.
        return answer.status == HTTPStatus.SERVICE_UNAVAILABLE
    if answer.is_json:
        said = _json(answer)
        return isinstance(said, str) or answer.media_type == "application/problem+json" or _is_problem(said)
    return answer.text.strip().strip('"') in _SENTENCES


def _is_problem(said: Any) -> bool:
    """Whether it is a ProblemDetails (RFC 9457), which is how ASP.NET explains a status."""
    return isinstance(said, dict) and "status" in said and bool(_PROBLEM & said.keys())


def _problem_sentence(problem: dict[str, Any]) -> str | None:
    """Its title and the fields that were refused. What is said of each field is left out: it may quote a password."""
    title, refused = problem.get("title"), problem.get("errors")
    if not isinstance(title, str):
        return None
    return f"{title} Refused: {', '.join(refused)}" if isinstance(refused, dict) and refused else title


def _of_nothing(answer: Answer) -> Origin:
    server = answer.headers.get("Server", "").strip().lower()
    if answer.status == HTTPStatus.BAD_REQUEST:
        return (
            Origin.IN_BETWEEN
        )  # Jellyfin says something with it; Kestrel, a proxy or a balancer that reads no request does not
    if server == "kestrel" or not server:
        return Origin.UNKNOWN
    return Origin.IN_BETWEEN  # a proxy before Jellyfin signs too, but then the time of the response is there as well


def _json(answer: Answer) -> Any:
    try:
        return parse_json(answer.body)
    except NotJson:
        return None
