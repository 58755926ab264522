"""`AsyncLeeward` without a server."""

from datetime import datetime

from leeward.client import AsyncLeeward
from leeward.testing.fake.answers import Answers, answered
from leeward.testing.fake.assertions import FakeControls
from leeward.testing.fake.calls import AsyncFakeCalls
from leeward.testing.fake.client import FakeLeeward
from leeward.testing.fake.fleet import FakeFleet
from leeward.testing.fake.run import Handlers
from leeward.wire.steps import Answer, Steps


class FakeAsyncLeeward(FakeControls, AsyncLeeward):
    """`FakeLeeward` for event loops: what the service calls is awaited; assertions, `run_all` and the clock are not.

    Args:
        now, handlers: as for `FakeLeeward`.
    """

    def __init__(
        self, *, now: datetime | None = None, handlers: Handlers | None = None, fleet: FakeFleet | None = None
    ) -> None:
        self.fleet = fleet or FakeFleet(now)
        self._handlers = handlers or {}
        self._core = Answers(self.fleet, self._handlers)

    @property
    def blocking(self) -> FakeLeeward:
        """A client of the same fleet that is not awaited, for handlers that enqueue: actors are plain functions."""
        return FakeLeeward(handlers=self._handlers, fleet=self.fleet)

    async def close(self) -> None:
        """Nothing is open. The jobs stay."""

    @property
    def _calls(self) -> AsyncFakeCalls:
        return AsyncFakeCalls(self.fleet.calls)

    async def _run(self, steps: Steps[Answer]) -> Answer:
        return answered(steps)
