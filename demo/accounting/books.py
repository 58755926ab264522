"""What the fleet itself says about the jobs: to explain what is missing outside, and to be checked against it."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from demo.accounting.orders import Effect, Family
from leeward import JobState

if TYPE_CHECKING:
    from leeward_admin.admin import Admin
    from storage.dead_letters.letter.views import Summary


@dataclass(frozen=True, slots=True)
class Books:
    """Attributes:
    states: by job id.
    letters: the dead letters by the id of the job that died.
    """

    states: Mapping[str, JobState]
    letters: "Mapping[str, Summary]"


def of_single_mails(admin: "Admin", effects: Sequence[Effect]) -> list[Effect]:
    """The effects, with each mail to several people traced to the jobs that mail one of them."""
    sizes = Counter(effect.job_id for effect in effects if effect.family is Family.EMAIL)
    parts = {job_id: _parts(admin, job_id) for job_id, size in sizes.items() if size > 1}
    return [
        replace(effect, job_id=parts.get(effect.job_id, {}).get(effect.name[1], effect.job_id)) for effect in effects
    ]


def read(admin: "Admin", effects: Iterable[Effect]) -> Books:
    """Looks up every job."""
    states = {effect.job_id: admin.jobs.status(effect.job_id).state for effect in effects}
    return Books(states, {letter.job_id: letter for letter in letters(admin)})


def letters(admin: "Admin") -> "list[Summary]":
    """All dead letters, oldest first, also those that PostgreSQL did not have yet."""
    from storage.dead_letters.search.filter import Filter

    admin.dead_letters.drain()
    return admin.dead_letters.page(Filter(), limit=1000).rows[::-1]


def _parts(admin: "Admin", job_id: str) -> dict[str, str]:
    result = admin.jobs.status(job_id).result or {}
    found: dict[str, str] = result.get("jobs", {})
    return found
