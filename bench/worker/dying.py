"""Leeward with every ring on, and a job that a provider refuses for ever."""

import dramatiq

from bench.worker import inside
from broker.broker import LeewardBroker
from leeward.extension.errors import Permanent
from middleware.order import rings

broker = LeewardBroker(inside.url(), middleware=rings())


@dramatiq.actor(broker=broker, queue_name=inside.queues()[0])
def die(number: int) -> None:
    """Dies at its first attempt."""
    raise Permanent(f"the server refuses user-{number}", provider="bench", operation="create_user", status=422)


inside.observe(broker)
