"""How a Seerr server is."""

import time
from collections.abc import Callable
from datetime import timedelta
from http import HTTPStatus
from typing import Any

from leeward.extension import Health
from leeward.extension.errors import ProviderError
from leeward.redaction import excerpt
from providers.http_client.answer import Answer
from providers.http_client.json_body import NotJson, parse_json
from providers.seerr.transport import Transport

_DETAIL_LENGTH = 200


def check_health(transport: Transport, *, clock: Callable[[], float] = time.monotonic) -> Health:
    """Healthy means that the public settings say `initialized: true`.

    `/status` is no substitute: it asks GitHub for newer releases, and hangs where there is no way to the internet.
    """
    began = clock()
    try:
        answer = transport.health_answer()
    except ProviderError as error:
        return Health(ok=False, detail=excerpt(f"no answer: {error}", _DETAIL_LENGTH), latency=_since(began, clock))
    latency = _since(began, clock)
    settings = _settings(answer)
    if settings is None:
        return Health(ok=False, detail=f"{answer.status} not what Seerr says", latency=latency)
    if settings.get("initialized") is not True:
        return Health(ok=False, detail=f"{answer.status} not set up yet", latency=latency)
    return Health(ok=True, detail="initialized", latency=latency)


def _settings(answer: Answer) -> dict[str, Any] | None:
    if answer.status != HTTPStatus.OK or not answer.is_json:
        return None
    try:
        found = parse_json(answer.body)
    except NotJson:
        return None
    return found if isinstance(found, dict) and "initialized" in found else None


def _since(began: float, clock: Callable[[], float]) -> timedelta:
    return timedelta(seconds=clock() - began)
