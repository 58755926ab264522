"""Plain Dramatiq with the job that visits the site."""

from bench.guards.site.actors import declare_visit
from bench.worker import inside
from bench.worker.plain import broker

declare_visit(broker, inside.queues()[0])
