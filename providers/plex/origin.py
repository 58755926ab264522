"""Whether an answer is of a Plex server itself, or of something that stands between us and it. A rule over its shape."""

import re
from enum import Enum, auto

from providers.http_client.answer import Answer
from providers.http_client.json_body import NotJson, parse_json

_SIGN_IN = ("WWW-Authenticate", "Proxy-Authenticate", "Cf-Mitigated")
"""A Plex server never sends these."""
_PAGE = re.compile(
    r"\s*<html>\s*<head>\s*<title>(?!\s*\d)([^<]{1,100})</title>\s*</head>\s*<body>\s*<h1>\s*(\d{3})\s+([^<]{1,100})</h1>\s*</body>\s*</html>\s*",
    re.IGNORECASE,
)
"""Its page of an error has the reason as its title and both as its heading, and nothing else. Proxies sign theirs, or say more."""
_RESPONSE = re.compile(r"\s*(?:<\?xml[^>]{0,100}\?>\s*)?<(Response|MediaContainer|errors)\b", re.IGNORECASE)
_ATTRIBUTE = re.compile(r"\b(?:status|message)=\"([^\"]{1,300}[^\d\"][^\"]{0,10})\"")


class Origin(Enum):
    PLEX = auto()
    IN_BETWEEN = auto()
    UNKNOWN = auto()
    """Nothing but a status, as a Plex server often gives; it may be anybody's."""


def origin(answer: Answer) -> Origin:
    """Who wrote an answer that is no success."""
    if any(name in answer.headers for name in _SIGN_IN):
        return Origin.IN_BETWEEN
    if any(name.lower().startswith("x-plex-") for name in answer.headers):
        return Origin.PLEX
    if not answer.body.strip():
        return Origin.UNKNOWN
    return Origin.PLEX if _is_own_body(answer) else Origin.IN_BETWEEN


def sentence(answer: Answer) -> str:
    """What it says, for people; empty when it says nothing but the status."""
    if (page := _PAGE.fullmatch(answer.text)) is not None:
        return page[1].strip()
    if _RESPONSE.match(answer.text):
        said = _ATTRIBUTE.search(answer.text)
        return "" if said is None else said[1].strip()
    return next((str(one["message"]) for one in _errors(answer) if isinstance(one.get("message"), str)), "")


def _is_own_body(answer: Answer) -> bool:
    page = _PAGE.fullmatch(answer.text)
    if page is not None:
        return int(page[2]) == answer.status
    return bool(_RESPONSE.match(answer.text)) or bool(_errors(answer))


def _errors(answer: Answer) -> list[dict[str, object]]:
    """`{"errors": [{"code": 1020, "message": "..."}]}`."""
    if not answer.body.lstrip().startswith(b"{"):
        return []
    try:
        said = parse_json(answer.body)
    except NotJson:
        return []
    found = said.get("errors") if isinstance(said, dict) else None
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []
