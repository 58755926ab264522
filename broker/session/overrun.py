"""Calls that continue after their lease has expired: as long as one does, its provider may have one call more than its limit."""

from broker.delivery.delivery import Delivery


def overrun_seconds(delivery: Delivery, *, lease_ended: float, now: float) -> float:
    """How long a job that has ended ran without its lease, which had been its own until `lease_ended`. Instants are monotonic."""
    if delivery.started is None:
        return 0.0
    # The provider is called while the actor runs; the way to the record of its end may be long.
    ended = delivery.started + delivery.seconds if delivery.seconds else now
    return max(0.0, ended - max(lease_ended, delivery.started))
