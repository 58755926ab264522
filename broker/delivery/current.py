"""The delivery that this thread runs. What an actor may ask of it is in `leeward.extension.current`."""

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from leeward.wire.running import running_job as _current

if TYPE_CHECKING:
    from collections.abc import Callable

    from broker.delivery.delivery import Delivery

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def current_delivery() -> "Delivery | None":
    """The delivery that this thread runs; None outside a worker (a test that calls the actor's function)."""
    delivery: Delivery | None = _current.get()
    return delivery


enter: "Callable[[Delivery | None], object]" = _current.set
"""Makes a delivery this thread's current one. For the broker only."""


def server_now() -> datetime:
    """The time by the server's clock, which is the fleet's; this machine's own outside a worker."""
    delivery = _current.get()
    return datetime.now(UTC) if delivery is None else _EPOCH + timedelta(milliseconds=delivery.now_ms)


def keep_result(result: Any) -> Any:
    """Hands a job's result to its delivery, which stores it when it settles. Outside a worker, returns it."""
    delivery = _current.get()
    if delivery is None:
        return result
    delivery.result = result
    return None
