"""Plain Dramatiq, as its documentation has it: the stock broker, its default middleware, its defaults."""

from dramatiq.brokers.redis import RedisBroker

from bench.worker import inside
from bench.worker.actors import declare_actors

broker = RedisBroker(url=inside.url())
declare_actors(broker, inside.queues())
inside.observe(broker)
