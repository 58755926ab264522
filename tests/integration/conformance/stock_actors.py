"""What a project has that runs `dramatiq module`: only the broker is ours. URL and effects file come from the environment."""

import os
from pathlib import Path

import dramatiq

from broker.broker import LeewardBroker
from tests.support.fleets.workers_under_test_process import append
from tests.support.waiting import wait_until

EFFECTS = os.environ["STOCK_EFFECTS"]
dramatiq.set_broker(LeewardBroker(os.environ["STOCK_URL"]))


@dramatiq.actor(max_retries=1, min_backoff=1, max_backoff=1)
def write(name: str) -> None:
    append(EFFECTS, "effect", name)
    if name == "stumbles":
        raise ValueError("once more")


@dramatiq.actor
def linger(until: str) -> None:
    """Until there is a file of that name."""
    append(EFFECTS, "started", "linger")
    wait_until(Path(until).exists, description="the test to let it end", timeout=60)
    append(EFFECTS, "effect", "linger")
