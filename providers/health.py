"""A health check that raises nothing."""

import time
from collections.abc import Callable
from datetime import timedelta

import structlog

from leeward.extension import Health

_log = structlog.get_logger(__name__)


def answered(check: Callable[[], Health], *, clock: Callable[[], float] = time.monotonic) -> Health:
    """What a check found, with its duration. One that raises has found that the provider is not well: it must not end the probe."""
    began = clock()
    try:
        found = check()
    except Exception as error:
        _log.exception("health_look_failed")
        # Not the text of the error: it may quote a secret.
        found = Health.unhealthy(f"the probe failed: {type(error).__name__}; the worker's log has the details")
    if found.latency is not None:
        return found
    return Health(found.ok, found.detail, timedelta(seconds=clock() - began))
