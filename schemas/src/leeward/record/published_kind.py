"""A kind of job as its workers describe it, so that machines without its package know it, too."""

from datetime import timedelta
from hashlib import sha256
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from leeward.jobs.job import Job
from leeward.jobs.priority import Priority
from leeward.record.kind_schema import defaults_of, schema_of, secret_paths

DIGEST_LENGTH = 16


class Origin(BaseModel):
    """Where a kind comes from.

    Attributes:
        extension: the extension that brings its actor; empty for none.
        distribution: the package that is installed for it.
        release: that package's version.
        packages: the import packages of its code: their frames in a traceback are the extension's own, and no library's.
    """

    model_config = ConfigDict(frozen=True)

    extension: str = ""
    distribution: str = ""
    release: str = ""
    packages: tuple[str, ...] = ()


class PublishedKind(Origin):
    """All that is needed to check, enqueue, redact and replay jobs of a kind without its model. Written to Valkey and PostgreSQL as JSON.

    Attributes:
        idempotent, marks_effect: see `Job`.
        deadline_ms: `Job.default_deadline`.
        secrets: where a payload can hold a secret, in this or any other release: `password`, `login.token`.
        payload_schema: JSON Schema of the payload.
        defaults: what a payload holds of the fields that its producer left out.
    """

    kind: str
    version: int
    family: str
    idempotent: bool = False
    marks_effect: bool = False
    priority: Priority = Priority.NORMAL
    deadline_ms: int = Field(gt=0)
    secrets: tuple[str, ...] = ()
    payload_schema: dict[str, Any]
    defaults: dict[str, Any] = Field(default_factory=dict)

    @property
    def name(self) -> str:
        """`sync.invoice@1`: what it is called in the record."""
        return f"{self.kind}@{self.version}"

    @property
    def digest(self) -> str:
        """The same for the same description, secrets aside, since those are of all releases."""
        return sha256(self.model_dump_json(exclude={"secrets"}).encode()).hexdigest()[:DIGEST_LENGTH]

    @classmethod
    def of(cls, job: type[Job], origin: Origin | None = None) -> Self:
        """The description of a kind by its own class."""
        return cls(
            kind=job.kind,
            version=job.version,
            family=job.family,
            idempotent=job.idempotent,
            marks_effect=job.marks_effect,
            priority=job.default_priority,
            deadline_ms=job.default_deadline // timedelta(milliseconds=1),
            secrets=tuple(sorted(set(secret_paths(job)))),
            payload_schema=schema_of(job),
            defaults=defaults_of(job),
            **dict(origin or Origin()),
        )

    @classmethod
    def read(cls, text: str | bytes) -> Self | None:
        """From JSON that another release may have written; None for what cannot be understood. Members that are new here are left out."""
        try:
            return cls.model_validate_json(text)
        except ValidationError:
            return None

    def job_class(self) -> type[Job]:
        """A `Job` class of this kind, made again at each call: it takes a millisecond or two, so keep it.

        Its payloads are those of the kind's own class, byte for byte where the values are given as they travel. Rules that are code, as
        one over two fields, are not in a schema: the worker checks those.
        """
        from leeward.record.job_class import job_class

        made = job_class(self.kind, self.payload_schema, defaults=self.defaults, secrets=self.secrets)
        made.kind, made.version, made.family = self.kind, self.version, self.family
        made.idempotent, made.marks_effect = self.idempotent, self.marks_effect
        made.default_priority = self.priority
        made.default_deadline = timedelta(milliseconds=self.deadline_ms)
        return made
