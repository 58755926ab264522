"""The job of these benchmarks: one HTTP request to a site that counts."""

import os
import threading
from http.client import HTTPConnection, HTTPException
from urllib.parse import urlsplit

import dramatiq

from broker.delivery.current import current_delivery
from leeward.extension.errors import Transient

SITE = "BENCH_SITE"
PATIENCE_SECONDS = 2.0
"""How long a visitor waits for an answer."""

_own = threading.local()


def visit(number: int) -> None:
    """Asks the site once.

    Raises:
        Transient: no answer in time, or one from 500 on.
    """
    connection, delivery = _connection(), current_delivery()
    who = f"pid={os.getpid()}&delivery={delivery.number if delivery else 0}"
    try:
        connection.request("GET", f"/{number}?{who}")
        answer = connection.getresponse()
        answer.read()
    except (OSError, HTTPException) as error:
        connection.close()
        raise Transient("the site gives no answer", provider="site", operation="visit", unreachable=True) from error
    if answer.status >= 500:
        raise Transient("the site cannot", provider="site", operation="visit", status=answer.status)


def declare_visit(broker: dramatiq.Broker, queue: str) -> None:
    """A message may name any queue."""
    dramatiq.actor(broker=broker, queue_name=queue)(visit)


def _connection() -> HTTPConnection:
    """One for each thread, kept open."""
    if not hasattr(_own, "connection"):
        site = urlsplit(os.environ[SITE])
        _own.connection = HTTPConnection(site.hostname or "", site.port, timeout=PATIENCE_SECONDS)
    connection: HTTPConnection = _own.connection
    return connection
