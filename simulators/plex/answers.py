"""How a simulated Plex server writes its answers: XML unless JSON was asked for, pages of lists, errors as pages of HTML."""

import json
from collections.abc import Sequence
from http import HTTPStatus
from typing import Any

from simulators.http_server import Answer, Request
from simulators.plex.as_xml import to_xml
from simulators.plex.settings import Settings

_XML = '<?xml version="1.0" encoding="UTF-8"?>\n'
_OWN = {"X-Plex-Protocol": "1.0"}
MAINTENANCE = Answer(
    HTTPStatus.SERVICE_UNAVAILABLE,
    (
        _XML + '<Response code="503" title="Maintenance" '
        'status="Plex Media Server is currently running database migrations."/>'
    ).encode(),
    "text/xml;charset=utf-8",
    _OWN,
)


def of_container(request: Request, content: dict[str, Any]) -> Answer:
    """A MediaContainer."""
    if "json" in request.headers.get("accept", ""):
        body = json.dumps({"MediaContainer": content}, ensure_ascii=False).encode()
        return Answer(HTTPStatus.OK, body, "application/json", _OWN)
    return Answer(HTTPStatus.OK, (_XML + to_xml("MediaContainer", content)).encode(), "text/xml;charset=utf-8", _OWN)


def listed(request: Request, name: str, found: Sequence[dict[str, Any]], **said: Any) -> Answer:
    """A list, which is absent when it is empty."""
    return of_container(request, {"size": len(found), **said} | ({name: [*found]} if found else {}))


def page(request: Request, found: Sequence[dict[str, Any]], settings: Settings) -> Answer:
    """The part of a list that was asked for: of a start without a size, or of a size without a start, all of it."""
    start, size = _header(request, "Start"), _header(request, "Size")
    total = {"totalSize": len(found), "offset": start or 0} if settings.says_total else {}
    if start is not None and size is not None:
        most = size if settings.page_limit is None else min(size, settings.page_limit)
        return listed(request, "Metadata", found[start : start + most], **total)
    return listed(request, "Metadata", found)


def failed(status: HTTPStatus) -> Answer:
    body = (
        f"<html><head><title>{status.phrase}</title></head><body><h1>{status.value} {status.phrase}</h1></body></html>"
    )
    return Answer(status, body.encode(), "text/html", _OWN)


def _header(request: Request, name: str) -> int | None:
    text = request.headers.get(f"x-plex-container-{name.lower()}") or request.query.get(f"X-Plex-Container-{name}")
    return int(text) if text is not None and text.isdecimal() else None
