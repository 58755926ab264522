"""What every job has in common."""

from datetime import timedelta
from typing import Annotated, Any, ClassVar, Self

from pydantic import BaseModel, ConfigDict, Field, field_validator

from leeward.jobs.priority import Priority
from leeward.jobs.queue_name import PART, is_queue_part, queue_name

ProviderName = Annotated[str, Field(pattern=rf"^{PART}$")]
"""The name of an instance of a provider."""


class Job(BaseModel):
    """A frozen value that says what should be so, addressed to one provider.

    `kind` and `version` never change meaning: a new field is optional with a default; anything else is a new version.
    Producers refuse unknown fields; consumers tolerate and report them, so that either side may be deployed first.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=False)

    kind: ClassVar[str]
    """Stable name, also the actor's name: `sync.user`."""
    version: ClassVar[int]
    family: ClassVar[str]
    """First half of the queue's name."""
    default_priority: ClassVar[Priority] = Priority.NORMAL
    default_deadline: ClassVar[timedelta] = timedelta(hours=24)
    """How long after its enqueue the job is still worth doing."""
    idempotent: ClassVar[bool] = False
    """Whether doing it twice is doing it once. Only then may many of its dead letters be replayed without naming each."""
    marks_effect: ClassVar[bool] = False
    """Whether its actor marks durably when an effect begins that cannot be repeated. A dead letter then knows whether that may have
    happened; where it did not, many may be replayed without naming each.
    """

    hidden_fields: ClassVar[frozenset[str]] = frozenset()
    """Fields that are secret though this class's types do not say so: another release of the kind calls them secret."""

    provider: ProviderName

    @field_validator("provider")
    @classmethod
    def _is_queue_part(cls, provider: str) -> str:
        # Also where a kind declares the field again, as a plain `str` with a default.
        if not is_queue_part(provider):
            raise ValueError("use lower-case letters, digits, '_' and '-', 63 characters at most")
        return provider

    @property
    def queue(self) -> str:
        return queue_name(self.family, self.provider)

    def upgraded(self) -> "Job":
        """The same work as a job of a newer version. Older versions that an actor still accepts override it."""
        return self

    def to_payload(self) -> dict[str, Any]:
        """The JSON object that travels. Secrets are in it; see `leeward.jobs.secret.redact` before showing it."""
        # As `model_dump` does it, which looks at a dozen options first.
        payload: dict[str, Any] = self.__pydantic_serializer__.to_python(self, mode="json", exclude_none=True)
        return payload

    @classmethod
    def from_payload(cls, payload: object) -> tuple[Self, frozenset[str]]:
        """Reads a payload of this version, from a producer that may be newer.

        Returns:
            The job and the names of the top-level fields this version does not know.

        Raises:
            pydantic.ValidationError: a field is missing or has an impossible value.
        """
        job = cls.model_validate(payload, extra="ignore")
        names = payload.keys() if isinstance(payload, dict) else ()
        return job, frozenset(names) - frozenset(cls.model_fields)

    @classmethod
    def trial(cls, provider: str, to: str | None) -> "Job | None":  # noqa: ARG003 # for kinds that have one
        """A job that shows whether the provider really does it (`leeward provider test`). None where there is none that does no harm.

        Args:
            provider: the instance.
            to: for whom its effect is, in the kind's own terms, as a mail address; None where no one is named.

        Raises:
            ValueError: the kind needs another `to`.
        """
        return None
