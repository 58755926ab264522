"""What request managers last said of their requests, and what of it was announced, kept in PostgreSQL."""

from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from leeward.extension import Resource

if TYPE_CHECKING:
    from storage.media_requests.media_requests import Change, Seen


class RequestBook(Resource):
    """Loads SQLAlchemy when it is opened: most worker processes never need it, and it takes half a second. Connects on first use.

    Every method raises sqlalchemy.exc.SQLAlchemyError while PostgreSQL cannot be reached.
    """

    def open(self) -> None:
        from storage.database.engine import create_engine

        if self.context.database_url is None:
            raise LookupError("what is known of requests is kept in PostgreSQL: set LEEWARD_DATABASE_URL")
        self._engine = create_engine(self.context.database_url.get_secret_value(), pool_size=2)

    def close(self) -> None:
        self._engine.dispose()

    def begin(self, provider: str, job_id: str, has_done: Callable[[str], bool | None]) -> None:
        """Begins a run of a job: what earlier jobs have announced counts as reported once they are done, and not at all once they ended
        otherwise.

        Args:
            provider: whose requests.
            job_id: the job.
            has_done: whether a job is done; None while that is open.
        """
        from storage.media_requests import media_requests

        with self._engine.begin() as connection:
            others = media_requests.announcers(connection, provider)
        ends = {other: has_done(other) for other in others if other != job_id}
        done, lost = ([job for job, end in ends.items() if end is wanted] for wanted in (True, False))
        with self._engine.begin() as connection:
            media_requests.begin(connection, provider, job_id, done, lost)

    def known(self, provider: str, ids: Collection[int]) -> set[int]:
        """Those of the ids that are known."""
        from storage.media_requests import media_requests

        with self._engine.begin() as connection:
            return media_requests.known(connection, provider, ids)

    def add(self, provider: str, found: "Collection[Seen]") -> None:
        """Notes requests that were not known, all of them or none."""
        from storage.media_requests import media_requests

        with self._engine.begin() as connection:
            media_requests.add(connection, provider, found)

    def watched(self, provider: str) -> list[int]:
        """The requests to read next."""
        from storage.media_requests import media_requests

        with self._engine.begin() as connection:
            return media_requests.watched(connection, provider)

    def observe(self, provider: str, seen: "Seen", job_id: str) -> "Change | None":
        """Notes what the server says now; a change is to be announced by this job."""
        from storage.media_requests import media_requests

        with self._engine.begin() as connection:
            return media_requests.observe(connection, provider, seen, job_id)

    def gone(self, provider: str, request_id: int, job_id: str) -> "Change | None":
        """Notes that the server has no such request any more; None also for one that was never known."""
        from storage.media_requests import media_requests

        with self._engine.begin() as connection:
            before = media_requests.seen(connection, provider, request_id)
            if before is None:
                return None
            return media_requests.observe(
                connection, provider, before._replace(status="deleted", is_open=False), job_id
            )

    def postpone(self, provider: str, request_id: int) -> None:
        """Notes that one could not be read: the others come first then."""
        from storage.media_requests import media_requests

        with self._engine.begin() as connection:
            media_requests.postpone(connection, provider, request_id)

    @contextmanager
    def alone(self, what: str) -> Iterator[bool]:
        """Whether no other job in the fleet is at this, for as long as the context lasts."""
        from storage.media_requests import media_requests

        with self._engine.begin() as connection:
            yield media_requests.try_lock(connection, what)
