"""Ring: declares to the fleet how its providers are guarded."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING

import dramatiq
import redis
import structlog
from dramatiq.middleware import Middleware

from broker.broker import LeewardBroker
from broker.events import BrokerBack, Consuming, Listening
from broker.guards.actor_config import ActorGuards
from broker.guards.config import GuardConfig
from broker.guards.store import Guards
from leeward.jobs.queue_name import provider_of
from leeward.wire.valkey.refusal import sentence

if TYPE_CHECKING:
    from dramatiq.worker import Worker

NONE = ActorGuards()

_log = structlog.get_logger(__name__)


class GuardDeclaration(Middleware):
    """Writes the configured numbers of every provider this worker serves to Valkey, where `admit.lua` and `settle.lua` read them.

    Failure stance: open, for moments. While Valkey cannot be reached nothing is admitted anyway; the settings are declared before the first
    request for jobs and after each outage, in which Valkey may have lost them. Until then those of the last worker stay in force.

    Args:
        configs: guards by provider; a provider that is not named is not guarded.
        actors: the own numbers of actors, by queue.
    """

    def __init__(
        self, configs: Mapping[str, GuardConfig], actors: Mapping[str, ActorGuards] = MappingProxyType({})
    ) -> None:
        self._configs = configs
        self._actors = actors
        self._declared = False

    def before_worker_boot(self, broker: dramatiq.Broker, worker: "Worker") -> None:
        if not isinstance(broker, LeewardBroker):
            return
        session = broker.sessions.open(worker.worker_threads)
        session.shares |= {provider: config.share for provider, config in self._configs.items()}
        broker.events.subscribe(BrokerBack, lambda _: self._declare(broker))
        broker.events.subscribe(Listening, lambda _: self._declare(broker))
        broker.events.subscribe(Consuming, lambda _: self._declare_once(broker))
        self._declare(broker)

    def _declare_once(self, broker: LeewardBroker) -> None:
        if not self._declared:
            self._declare(broker)

    def _declare(self, broker: LeewardBroker) -> None:
        try:
            queues = broker.get_declared_queues()
            for provider in {provider_of(queue) for queue in queues} & self._configs.keys():
                own = {name: self._actors.get(name, NONE) for name in queues if provider_of(name) == provider}
                Guards(broker.client, provider).declare(self._configs[provider], own)
            self._declared = True
        except redis.RedisError as error:
            _log.warning("guards_not_declared_yet", error=sentence(error))
