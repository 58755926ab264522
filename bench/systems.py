"""The two systems side by side: how jobs are sent to each, who runs them, and how many it has not finished."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import dramatiq
import redis
from dramatiq import Encoder, set_encoder
from dramatiq.brokers.redis import RedisBroker
from dramatiq.encoder import JSONEncoder

from bench.worker.actors import declare_actors
from broker.broker import LeewardBroker
from broker.delivery.encoding import FastJSONEncoder
from leeward.jobs.queue_name import provider_of
from leeward.wire.keys import ProviderKeys
from middleware.order import rings


@dataclass(frozen=True, slots=True, eq=False)
class System:
    """One way to run jobs.

    Attributes:
        name: as it appears in the report.
        worker_module: what the stock `dramatiq` command is given.
        make_broker: a producer's broker for a URL.
        encoder: what its messages are written with. Dramatiq has one encoder per process; `use` sets it.
        count_unfinished: how many jobs of a queue the server still has: waiting, scheduled or running, until they are acknowledged.
        env: added to the environment of its workers.
    """

    name: str
    worker_module: str
    make_broker: Callable[[str], dramatiq.Broker]
    encoder: Callable[[], Encoder]
    count_unfinished: Callable[["redis.Redis", str], int]
    env: Mapping[str, str] = field(default_factory=dict)

    def producer(self, url: str, queues: Sequence[str]) -> dramatiq.Broker:
        """A broker to send from, with the measured actors declared on it."""
        self.use()
        broker = self.make_broker(url)
        declare_actors(broker, queues)
        return broker

    def use(self) -> None:
        """Makes this process encode messages as this system does. Call it before sending after the other one was used."""
        set_encoder(self.encoder())


def _plain_unfinished(client: "redis.Redis", queue: str) -> int:
    return int(client.hlen(f"dramatiq:{queue}.msgs")) + int(client.hlen(f"dramatiq:{queue}.DQ.msgs"))


def _leeward_unfinished(client: "redis.Redis", queue: str) -> int:
    return int(client.hlen(ProviderKeys(provider_of(queue)).jobs))


PLAIN = System("plain", "bench.worker.plain:broker", lambda url: RedisBroker(url=url), JSONEncoder, _plain_unfinished)
LEEWARD = System(
    "leeward",
    "bench.worker.ringed:broker",
    lambda url: LeewardBroker(url, middleware=rings()),
    FastJSONEncoder,
    _leeward_unfinished,
)
# A service that only enqueues has the `leeward` wheel alone, and with it Dramatiq's own encoder.
LEEWARD_CLIENT = replace(LEEWARD, encoder=JSONEncoder)
CONTRACT_WORKERS = replace(LEEWARD_CLIENT, worker_module="bench.worker.contract:broker")


def plain_with_prefetch(depth: int) -> System:
    """Plain Dramatiq with its one throughput setting at `depth` jobs per process and queue."""
    return replace(PLAIN, name=f"plain, prefetch {depth}", env={"dramatiq_queue_prefetch": str(depth)})
