"""Leeward with every ring and every guard, and the job that visits the site."""

from bench.guards.site.actors import declare_visit
from bench.guards.site.guarded import given_guards, given_lease
from bench.worker import inside
from bench.worker.actors import declare_actors
from broker.broker import LeewardBroker
from broker.options import SessionOptions
from middleware.guard_declaration import GuardDeclaration
from middleware.order import rings

broker = LeewardBroker(
    inside.url(),
    middleware=[*rings(), GuardDeclaration(given_guards())],
    session=SessionOptions(lease=given_lease()),
)
declare_actors(broker, inside.queues())
declare_visit(broker, inside.queues()[0])
inside.observe(broker)
