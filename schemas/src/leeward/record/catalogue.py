"""What one build of a worker serves, as it says it in Valkey."""

from collections.abc import Mapping
from hashlib import sha256

from pydantic import BaseModel, ConfigDict, Field

from leeward.record.published_kind import DIGEST_LENGTH, PublishedKind


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True)


class KindSummary(_Part):
    """As much of a kind as it takes to compare what different workers know of it.

    Attributes:
        digest: of the whole description.
        fields: how many a payload has.
        release: the version of its package.
        idempotent, marks_effect: as this worker has it.
    """

    digest: str
    fields: int
    release: str = ""
    idempotent: bool = False
    marks_effect: bool = False

    @classmethod
    def of(cls, kind: PublishedKind) -> "KindSummary":
        return cls(
            digest=kind.digest,
            fields=len(kind.payload_schema.get("properties", ())),
            release=kind.release,
            idempotent=kind.idempotent,
            marks_effect=kind.marks_effect,
        )


class ServedProvider(_Part):
    """An instance of a provider: its type, what it needs, and whether new work is taken for it."""

    type: str = ""
    criticality: str = ""
    enabled: bool = True
    extension: str = ""
    depends_on: tuple[str, ...] = ()


class ServedDependency(_Part):
    """What providers need beside their own service. Its address is not published: it may be a secret.

    Attributes:
        host: where its health is checked; empty for nowhere.
    """

    type: str = ""
    criticality: str = ""
    depends_on: tuple[str, ...] = ()
    needed_by: tuple[str, ...] = ()
    host: str = ""


class ServedActor(_Part):
    """An actor: the queues where its jobs wait, and what starts it beside jobs of its kind.

    Attributes:
        queues: sorted.
        extension: the one that brings it.
        others: further ones, each of which serves its kind at providers of its own.
        schedule: of a periodic actor.
        event: of an event handler.
    """

    queues: tuple[str, ...] = ()
    extension: str = ""
    others: tuple[str, ...] = ()
    schedule: str = ""
    event: str = ""


class InstalledExtension(_Part):
    """An extension that was loaded."""

    distribution: str = ""
    version: str = ""
    api: int = 1


class Catalogue(_Part):
    """What one build of a worker serves. The same for all workers of a build with the same settings, so that it is kept once.

    Attributes:
        release: of the fleet's own package.
        kinds: by `<kind>@<version>`.
        providers: by instance.
        actors: by name: actors of kinds, periodic ones and event handlers.
        extensions: by name.
        dependencies: by name.
        broken: extension -> why it could not be loaded.
    """

    release: str = ""
    kinds: Mapping[str, KindSummary] = Field(default_factory=dict)
    providers: Mapping[str, ServedProvider] = Field(default_factory=dict)
    actors: Mapping[str, ServedActor] = Field(default_factory=dict)
    extensions: Mapping[str, InstalledExtension] = Field(default_factory=dict)
    dependencies: Mapping[str, ServedDependency] = Field(default_factory=dict)
    broken: Mapping[str, str] = Field(default_factory=dict)

    @property
    def queues(self) -> frozenset[str]:
        """Every queue that its workers take jobs from."""
        return frozenset(queue for actor in self.actors.values() for queue in actor.queues)

    def text(self) -> str:
        """As it is written."""
        return self.model_dump_json()

    @property
    def digest(self) -> str:
        """Its address: the same for the same content."""
        return sha256(self.text().encode()).hexdigest()[:DIGEST_LENGTH]
