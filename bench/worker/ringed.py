"""Leeward, as a fleet runs it: its broker with every ring on."""

from bench.worker import inside
from bench.worker.actors import declare_actors
from broker.broker import LeewardBroker
from middleware.order import rings

broker = LeewardBroker(inside.url(), middleware=rings())
declare_actors(broker, inside.queues())
inside.observe(broker)
