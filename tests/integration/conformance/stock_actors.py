"""What a project has that runs `dramatiq module`: only the broker is ours. URL and effects file come from the environment."""

import os
import time

import dramatiq

from broker.broker import LeewardBroker
from tests.support.fleets.workers_under_test_process import append

EFFECTS = os.environ["STOCK_EFFECTS"]
dramatiq.set_broker(LeewardBroker(os.environ["STOCK_URL"]))


@dramatiq.actor(max_retries=1, min_backoff=1, max_backoff=1)
def write(name: str) -> None:
    append(EFFECTS, "effect", name)
    if name == "stumbles":
        raise ValueError("once more")


@dramatiq.actor
def linger(seconds: float) -> None:
    append(EFFECTS, "started", "linger")
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        time.sleep(0.02)
    append(EFFECTS, "effect", "linger")
