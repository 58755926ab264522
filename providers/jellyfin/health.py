"""How a Jellyfin server is."""

import time
from collections.abc import Callable
from datetime import timedelta
from http import HTTPStatus

from leeward.extension import Health
from leeward.extension.errors import ProviderError
from leeward.redaction import excerpt
from providers.jellyfin.transport import Transport

_HEALTHY = "Healthy"
_DETAIL_LENGTH = 200


def check_health(transport: Transport, *, clock: Callable[[], float] = time.monotonic) -> Health:
    """Healthy means status 200 and the body `Healthy`, exactly.

    While the server migrates its database it answers 200 `Degraded`, and everything else with 503. `/System/Info/Public`
    is no substitute: it answers 200 all along.
    """
    began = clock()
    try:
        answer = transport.health_answer()
    except ProviderError as error:
        return Health(ok=False, detail=excerpt(f"no answer: {error}", _DETAIL_LENGTH), latency=_since(began, clock))
    latency = _since(began, clock)
    said = answer.text.strip()
    if answer.status == HTTPStatus.OK and said == _HEALTHY:
        return Health(ok=True, detail=_HEALTHY, latency=latency)
    detail = said if said and "<" not in said else "not what Jellyfin says"
    return Health(ok=False, detail=f"{answer.status} {excerpt(detail, _DETAIL_LENGTH)}", latency=latency)


def _since(began: float, clock: Callable[[], float]) -> timedelta:
    return timedelta(seconds=clock() - began)
