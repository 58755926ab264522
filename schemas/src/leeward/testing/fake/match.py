"""Which jobs a test means: by their class or kind, and by fields."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from pydantic import SecretStr
from pydantic_core import PydanticSerializationError, to_jsonable_python

from leeward.jobs.job import Job
from leeward.jobs.secret import REDACTED, secret_fields
from leeward.testing.fake.job import FakeJob

_ABSENT = object()


@dataclass(frozen=True)
class Wanted:
    """A description of jobs.

    Attributes:
        what: a class; a kind; or a job, whose fields all count.
        fields: field -> its value, or anything that equals it.
    """

    what: type[Job] | str | Job
    fields: Mapping[str, Any]

    def __post_init__(self) -> None:
        """Raises: TypeError: the class has no such field."""
        if isinstance(self.what, str) or self.what is Job:
            return
        known = self._class
        for name in self.fields:
            if name not in known.model_fields:
                near = get_close_matches(name, known.model_fields, n=1)
                raise TypeError(
                    f"{known.__name__} has no field {name!r}{f': did you mean {near[0]!r}?' if near else ''}"
                )

    @property
    def values(self) -> dict[str, Any]:
        """All fields that count."""
        own = {name: getattr(self.what, name) for name in self._class.model_fields} if self._is_job else {}
        return {**own, **self.fields}

    @property
    def _class(self) -> type[Job]:
        """Of a kind by name, any."""
        if isinstance(self.what, Job):
            return type(self.what)
        return Job if isinstance(self.what, str) else self.what

    @property
    def _is_job(self) -> bool:
        return isinstance(self.what, Job)

    def is_kind_of(self, job: FakeJob) -> bool:
        if isinstance(self.what, str):
            return job.kind == self.what
        return isinstance(job.job, self._class)

    def matches(self, job: FakeJob) -> bool:
        return self.is_kind_of(job) and not self.differences(job)

    def differences(self, job: FakeJob) -> list[str]:
        """The fields that are not as wanted."""
        return [name for name, value in self.values.items() if not _is_same(value, getattr(job.job, name, _ABSENT))]

    def named(self, times: int = 1) -> str:
        """In a sentence: `invoice.sync job with number='INV-7'`."""
        kind = self.what if isinstance(self.what, str) else "" if self.what is Job else self.what.kind
        # A job's own values are many; what differs is shown beside them.
        given = ", ".join(f"{name}={shown(self.what, name, value)}" for name, value in self.fields.items())
        which = f" with {given}" if given else " equal to the given one" if self._is_job else ""
        return f"{kind} job{'' if times == 1 else 's'}{which}".strip()


def select(jobs: Sequence[FakeJob], wanted: Wanted) -> list[FakeJob]:
    return [job for job in jobs if wanted.matches(job)]


def shown(what: object, name: str, value: object) -> str:
    """A field's value for people: a secret as stars."""
    model = what if isinstance(what, type) else type(what)
    if isinstance(value, SecretStr) or (issubclass(model, Job) and name in secret_fields(model)):
        return repr(REDACTED) if value is not None else "None"
    return repr(value)


def _is_same(expected: object, found: object) -> bool:
    if isinstance(expected, SecretStr):
        expected = expected.get_secret_value()
    if isinstance(found, SecretStr):
        found = found.get_secret_value()
    # A list equals the tuple that a model makes of it, and a text the enum's member: both are the same JSON.
    return bool(expected == found) or _json(expected) == _json(found)


def _json(value: object) -> object:
    try:
        return to_jsonable_python(value)
    except (PydanticSerializationError, ValueError):
        return value
