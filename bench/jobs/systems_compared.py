"""Who takes part in `throughput`: a system, and what is sent to it."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

from bench.stage import QUEUE
from bench.systems import CONTRACT_WORKERS, LEEWARD, System, plain_with_prefetch
from leeward import Leeward, Request, SyncUser

CONTRACT_QUEUE = "sync.jellyfin"

Send = Callable[[Iterable[int]], None]


class Miscounted(Exception):
    """Raised when the jobs that ran are not exactly the jobs that were sent: a figure from such a round would be a lie.

    Attributes:
        missing: how many never ran.
        repeated: how many runs were one too many.
    """

    def __init__(self, missing: int, repeated: int) -> None:
        super().__init__(f"{missing} jobs never ran, {repeated} ran more than once")
        self.missing = missing
        self.repeated = repeated


@dataclass(frozen=True, slots=True)
class ComparedSystem:
    """Stock no-op actors, sent one by one with `actor.send`, which takes no part in what is measured."""

    system: System
    queue: str = QUEUE
    label: str | None = None

    @property
    def name(self) -> str:
        return self.label or self.system.name

    @contextmanager
    def sender(self, url: str) -> Iterator[Send]:
        """Sends the jobs with the given numbers."""
        broker = self.system.producer(url, [self.queue])
        send = broker.get_actor("no_op").send

        def send_all(numbers: Iterable[int]) -> None:
            for number in numbers:
                send(number)

        yield send_all
        broker.close()


@dataclass(frozen=True, slots=True)
class ComparedContract(ComparedSystem):
    """Jobs of the contract, which the rings validate; with `keyed`, each also under an idempotency key with a stored outcome."""

    keyed: bool = False

    @contextmanager
    def sender(self, url: str) -> Iterator[Send]:
        self.system.use()
        with Leeward(url) as client:

            def send_all(numbers: Iterable[int]) -> None:
                client.enqueue_many(map(self._request, numbers))

            yield send_all

    def _request(self, number: int) -> Request:
        return Request(SyncUser(user=str(number)), idempotency_key=f"bench-{number}" if self.keyed else None)


STOCK = ComparedSystem(LEEWARD)
CONTRACT = ComparedContract(CONTRACT_WORKERS, CONTRACT_QUEUE, "leeward, jobs of the contract")
KEYED = replace(CONTRACT, label="leeward, jobs of the contract with idempotency keys", keyed=True)


def tuned(depth: int) -> ComparedSystem:
    return ComparedSystem(plain_with_prefetch(depth))
