"""The fleet's own recovery actions. Each is made with what it needs, by the processes that have it."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import redis

from broker.guards.store import Guards
from leeward.extension import Failure, Recovered
from leeward.wire.keys import ProviderKeys
from workers.recovery.action import Action

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from leeward import Leeward

DATABASE = "postgresql"
RECONNECT, TRY_EARLY = "reconnect-database", "try-circuit-early"
SERVE_CACHED, QUEUE_FOR_LATER, DEFAULT_ANSWER = "serve-cached", "queue-for-later", "default-answer"


def reconnect_database(engine: Callable[[], "Engine"]) -> Action:
    """Closes the connections of a pool, and opens a new one that answers a query."""

    def run(_: Failure) -> Recovered:
        from sqlalchemy import text
        from sqlalchemy.exc import DBAPIError

        pool = engine()
        pool.dispose()
        try:
            with pool.connect() as connection:
                connection.execute(text("SELECT 1"))
        except DBAPIError as error:
            raise ConnectionError(str(error.orig)) from error  # SQLAlchemy's own text has a link, and no more
        return Recovered(detail="a new connection answers")

    return Action(
        name=RECONNECT,
        priority=100,
        about="Drops the connections to PostgreSQL and opens a new one.",
        applies=lambda failure: failure.of == DATABASE,
        run=run,
    )


def try_circuit_early(client: redis.Redis) -> Action:
    """Lets jobs probe a provider whose health check is good again, before its circuit would by itself."""

    def run(failure: Failure) -> Recovered | None:
        Guards(client, failure.of).probed(healthy=True, detail=failure.text)
        if circuit_of(client, failure.of) != "half_open":
            return None
        return Recovered(detail="jobs try the provider")

    return Action(
        name=TRY_EARLY,
        priority=90,
        about="Lets jobs try a provider whose health check is good again while its circuit is still open.",
        applies=lambda failure: failure.circuit == "open" and failure.healthy is True,
        run=run,
        is_slow=True,
    )


def serve_cached() -> Action:
    """Answers with what the call was answered with before."""

    def run(failure: Failure) -> Recovered | None:
        cached = failure.fallbacks.cached if failure.fallbacks else None
        answer = None if cached is None else cached()
        return None if answer is None else Recovered(answer, "answered from the cache")

    return Action(
        name=SERVE_CACHED,
        priority=80,
        about="Answers a failed call with its last known answer.",
        applies=lambda failure: failure.fallbacks is not None and failure.fallbacks.cached is not None,
        run=run,
    )


def queue_for_later(fleet: "Callable[[], Leeward]") -> Action:
    """Makes a job of the call; it waits until its provider works again."""

    def run(failure: Failure) -> Recovered | None:
        job = failure.fallbacks.later if failure.fallbacks else None
        if job is None:
            return None
        enqueued = fleet().enqueue(job)
        return Recovered(enqueued, f"job {enqueued.job_id} does it later")

    return Action(
        name=QUEUE_FOR_LATER,
        priority=70,
        about="Enqueues a job that does the same when the provider works again.",
        applies=lambda failure: failure.fallbacks is not None and failure.fallbacks.later is not None,
        run=run,
    )


def default_answer() -> Action:
    """Answers with what is good enough."""

    def run(failure: Failure) -> Recovered | None:
        default = failure.fallbacks.default if failure.fallbacks else None
        return None if default is None else Recovered(default, "answered with the default")

    return Action(
        name=DEFAULT_ANSWER,
        priority=50,
        about="Answers a failed call with a configured default.",
        applies=lambda failure: failure.fallbacks is not None and failure.fallbacks.default is not None,
        run=run,
    )


def circuit_of(client: redis.Redis, provider: str) -> str:
    """The state of a provider's circuit.

    Raises:
        redis.RedisError: Valkey cannot be reached.
    """
    state = client.hget(ProviderKeys(provider).circuit, "state")
    return "closed" if state is None else state.decode() if isinstance(state, bytes) else state
