"""The rings in their order. Before-hooks run from the top, after-hooks from the bottom."""

from dramatiq.middleware import Callbacks, Middleware, ShutdownNotifications, TimeLimit

from middleware.circuit.middleware import Circuit
from middleware.contract import Contract
from middleware.correlation import Correlation
from middleware.deadline import Deadline
from middleware.idempotency.middleware import Idempotency
from middleware.message_options import MessageOptions
from middleware.metrics.middleware import Metrics
from middleware.pipelines import Pipelines
from middleware.retries.middleware import Retries
from middleware.ticks import Ticks


def rings() -> list[Middleware]:
    """A fresh list for one broker, whose own `Lifecycle` stands before all of them."""
    return [
        # Outermost, so that it counts what really is enqueued.
        Metrics(),
        # First at enqueue, so that whatever a later ring refuses is already tied to its cause.
        Correlation(),
        # Before a message is looked at for its key.
        Ticks(),
        # Before anybody reads an option: what cannot be read must not be passed over.
        MessageOptions(),
        # Dramatiq's own two interrupts: outside everything that could take long.
        TimeLimit(),
        ShutdownNotifications(notify_shutdown=False),
        # The payload of an expired job need not be checked.
        Deadline(),
        # Everything below sees a validated job instead of JSON.
        Contract(),
        # Needs the job to verify; must speak before the actor runs.
        Idempotency(),
        # Dramatiq's own; their after-hooks need to know whether the job has failed for good, which Retries decides before them.
        Callbacks(),
        Pipelines(),
        # What the end says about the provider is noted however it is judged.
        Circuit(),
        # Last, so first to see how the actor ended.
        Retries(),
    ]
