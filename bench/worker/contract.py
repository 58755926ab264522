"""Leeward with a job type of the contract instead of the stock actors."""

from bench.worker import inside
from bench.worker.actors import declare_contract_actor
from broker.broker import LeewardBroker
from middleware.order import rings

broker = LeewardBroker(inside.url(), middleware=rings())
declare_contract_actor(broker, *inside.queues())
inside.observe(broker)
