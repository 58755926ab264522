"""What people decide about dead letters, each call a transaction of its own."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import Engine

from storage.dead_letters.letter import queries
from storage.dead_letters.letter.views import Summary
from storage.dead_letters.triage import decisions
from storage.dead_letters.triage.correction import InvalidCorrection
from storage.dead_letters.triage.decisions import DeadLetterChanged, ImpossibleStep

__all__ = ["DeadLetterChanged", "ImpossibleStep", "InvalidCorrection", "Triage"]

if TYPE_CHECKING:
    import redis


class Triage:
    """Decides about one dead letter at a time, on the version that the caller has seen. Thread-safe.

    Every method raises `UnknownDeadLetter`, `DeadLetterChanged` (another decision came first; it says whose and
    which) or `ImpossibleStep`, and has then changed nothing.
    """

    def __init__(self, engine: Engine, client: "Callable[[], redis.Redis]") -> None:
        self._engine = engine
        self._client = client

    def review(self, id_: UUID, version: int, *, who: str) -> Summary:
        """Takes it on: it is `reviewing`, and owned by `who`."""
        with self._engine.begin() as connection:
            return decisions.review(connection, id_, version, who=who)

    def assign(self, id_: UUID, version: int, *, who: str, owner: str | None) -> Summary:
        """Assigns it to `owner`, or to no one: then it is `failed` again."""
        with self._engine.begin() as connection:
            return decisions.assign(connection, id_, version, who=who, owner=owner)

    def note(self, id_: UUID, version: int, *, who: str, text: str) -> Summary:
        """Writes what is known about it, in place of the former note."""
        with self._engine.begin() as connection:
            return decisions.note(connection, id_, version, who=who, text=text)

    def discard(self, id_: UUID, version: int, *, who: str, note: str) -> Summary:
        """Decides that its job will not be done."""
        with self._engine.begin() as connection:
            return decisions.discard(connection, id_, version, who=who, note=note)

    def hold(self, id_: UUID, version: int, *, who: str, reason: str, release: bool = False) -> Summary:
        """Puts it under legal hold, or ends that. Possible in every state."""
        change = decisions.release if release else decisions.hold
        with self._engine.begin() as connection:
            return change(connection, id_, version, who=who, reason=reason)

    def editable_payload(self, id_: UUID) -> tuple[Any, int]:
        """The payload that a replay would take, and the version that an edit of it names.

        Raises:
            InvalidCorrection: it cannot be corrected.
        """
        from storage.dead_letters.triage import editing

        with self._engine.connect() as connection:
            letter = queries.get(connection, id_)
        return editing.editable_payload(letter), letter.version

    def edit(self, id_: UUID, version: int, *, who: str, payload: object) -> Summary:
        """Corrects the payload that a replay takes. The original stays. A secret in it is kept in Valkey alone, for seven days.

        Raises:
            InvalidCorrection: the payload cannot be that of this job.
            AddressMissing, redis.RedisError: it holds a secret, and there is no Valkey to keep that.
        """
        from storage.dead_letters.triage import editing

        with self._engine.begin() as connection:
            return editing.edit(connection, id_, version, who=who, payload=payload, keep_secret=self._keep_secret)

    def undo_edit(self, id_: UUID, version: int, *, who: str) -> Summary:
        """Goes back to the payload that the job died with.

        Raises:
            InvalidCorrection: it has not been corrected.
        """
        from storage.dead_letters.triage import editing

        with self._engine.begin() as connection:
            return editing.undo_edit(connection, id_, version, who=who)

    def _keep_secret(self, provider: str, id_: UUID, message: bytes) -> None:
        from broker.fleet import corrections

        corrections.keep(self._client(), provider, id_, message)
