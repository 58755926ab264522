"""`Leeward` without a server."""

from datetime import datetime

from leeward.client import Leeward
from leeward.testing.fake.answers import Answers, answered
from leeward.testing.fake.assertions import FakeControls
from leeward.testing.fake.calls import FakeCalls
from leeward.testing.fake.fleet import FakeFleet
from leeward.testing.fake.run import Handlers
from leeward.wire.steps import Answer, Steps


class FakeLeeward(FakeControls, Leeward):
    """Answers as a fleet does, from memory: it validates, keeps idempotency keys, and knows every job's state. No job runs by itself.

    What it refuses, the real one refuses, with the same error. It does not sleep: `result` without `handlers` raises `ResultTimeout` at
    once for a job that has not ended, and nothing waits for room. A job runs only while its handler does, so it is the handler that can
    cancel a running one. Not thread-safe.

    Args:
        now: the fleet's time at the start; this machine's otherwise.
        handlers: what workers would do. With them, `result` runs jobs while it waits.

    Example:
        >>> fleet = FakeLeeward()
        >>> place_order("INV-7", fleet=fleet)
        >>> fleet.assert_enqueued(SyncInvoice, number="INV-7")
        >>> fleet.run_all({SyncInvoice: lambda job: {"lines": 1}})
    """

    def __init__(
        self, *, now: datetime | None = None, handlers: Handlers | None = None, fleet: FakeFleet | None = None
    ) -> None:
        self.fleet = fleet or FakeFleet(now)
        self._core = Answers(self.fleet, handlers or {})

    def close(self) -> None:
        """Nothing is open. The jobs stay."""

    @property
    def _calls(self) -> FakeCalls:
        return self.fleet.calls

    def _run(self, steps: Steps[Answer]) -> Answer:
        return answered(steps)
