"""What a job does about a set of accounts: five after five, each on its own."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, TypeVar

from leeward.extension import Permanent, ProviderError, child_key, current_job, report_progress
from leeward.extension.errors import AuthFailed, Misconfigured, QuotaExceeded, RateLimited
from leeward.jobs.sync.user import SyncUser
from leeward.jobs.sync.users import SyncUsers, UserEntry
from leeward.redaction import cleaned

BATCH = 5
_OF_ALL = (AuthFailed, Misconfigured, RateLimited, QuotaExceeded)
Item = TypeVar("Item")


@dataclass(slots=True)
class SetOutcome:
    """Attributes:
    done: user -> what was changed.
    handed_on: user -> the job that tries further, and why.
    refused: user -> why it can never be done.
    """

    done: dict[str, list[str]] = field(default_factory=dict)
    handed_on: dict[str, dict[str, str]] = field(default_factory=dict)
    refused: dict[str, str] = field(default_factory=dict)

    @property
    def number(self) -> int:
        """How many accounts it is about."""
        return len(self.done) + len(self.handed_on) + len(self.refused)

    def as_result(self) -> dict[str, Any]:
        """The job's result, JSON values."""
        numbers = {"done": len(self.done), "handed_on": len(self.handed_on), "refused": len(self.refused)}
        changed = {user: changes for user, changes in self.done.items() if changes}
        return {"numbers": numbers, "changed": changed, "handed_on": self.handed_on, "refused": self.refused}


def bring_all_about(
    job: SyncUsers, bring_about: Callable[[SyncUser], dict[str, Any]], hand_on: Callable[[SyncUser], str]
) -> SetOutcome:
    """Does each account of a set. One that is refused, or fails for now, keeps no other.

    Args:
        job: whose set.
        bring_about: does one account.
        hand_on: enqueues a job for one account that failed for now; returns its id.

    Raises:
        ProviderError: the provider fails, and not one account: it cannot be reached, refuses our key, or a whole batch failed. The job is
            tried again from its beginning; what is so already is only read.
        CancelRequested: between two batches.
    """
    outcome = SetOutcome()
    for batch in _batches(job.users):
        passing = []
        for entry, error in list(_failures(batch, job, bring_about, outcome)):
            if isinstance(error, Permanent):
                outcome.refused[entry.user] = _text(error)
            else:
                passing.append((entry, error))
        if len(passing) == BATCH:
            raise passing[0][1]
        for entry, error in passing:
            outcome.handed_on[entry.user] = {"job": hand_on(entry.job(job.provider)), "why": _text(error)}
        report_progress(outcome.number, len(job.users))
    return outcome


def enqueued_on_its_own(job: SyncUser, enqueue: Callable[..., Any]) -> str:
    """Enqueues a job for one account of the running job's set; the same job, however often the set is done again. Returns its id."""
    running = current_job()
    deadline = running.deadline if running else None
    answer = enqueue(job, idempotency_key=child_key(job.user.casefold()), deadline=deadline)
    return str(answer.job_id)


def _failures(
    batch: Iterable[UserEntry], job: SyncUsers, bring_about: Callable[[SyncUser], dict[str, Any]], outcome: SetOutcome
) -> Iterator[tuple[UserEntry, Exception]]:
    for entry in batch:
        try:
            outcome.done[entry.user] = bring_about(entry.job(job.provider))["changes"]
        except Exception as error:  # also a mistake of ours: the others are not to blame
            if _is_of_all(error):
                raise
            yield entry, error


def _text(error: Exception) -> str:
    return cleaned(f"{error.code if isinstance(error, ProviderError) else type(error).__name__}: {error}")


def _is_of_all(error: Exception) -> bool:
    """Whether every further account would fail the same way."""
    return isinstance(error, ProviderError) and (error.unreachable or isinstance(error, _OF_ALL))


def _batches(items: Iterable[Item]) -> Iterator[list[Item]]:
    left = iter(items)
    while batch := list(islice(left, BATCH)):
        yield batch
