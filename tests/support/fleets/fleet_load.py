"""Mixed work for a fleet, and the ledger of what came of it, counted at the providers."""

from collections import Counter
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from hashlib import sha256

from redis import RedisError

from leeward import DownloadFile, JobState, JobStatus, Request, SendEmail, SyncUser, Unavailable
from simulators.files.content import sha256_of
from tests.support.answers import accepted
from tests.support.fleets.fleet import Fleet
from tests.support.waiting import wait_until

FILE_BYTES = 200_000


@dataclass(slots=True)
class Ledger:
    """What is wrong is listed, one line each: `lost` effects, `repeated` ones, and `failed` jobs.

    Attributes:
        done: jobs with a result.
        unknown: ids of mail jobs that are parked, because a crash left their outcome unknown.
    """

    done: int = 0
    unknown: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)
    repeated: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)

    def judge(self, status: JobStatus, what: str, times: int) -> None:
        """Notes one job, whose effect has been seen so many times."""
        is_unknown = status.state is JobState.DEAD and status.reason == "unknown_outcome"
        if is_unknown:
            self.unknown.append(status.job_id)
        elif status.state is JobState.DONE:
            self.done += 1
        else:
            self.failed.append(f"{what}: {status.state}, {status.reason}")
        if times == 0 and not is_unknown:
            self.lost.append(what)
        if times > 1:
            self.repeated.append(f"{what}: {times} times")

    @property
    def is_clean(self) -> bool:
        """Nothing lost, nothing repeated, nothing failed; unknown outcomes are labelled and allowed."""
        return not (self.lost or self.repeated or self.failed)


class Load:
    """Jobs of all three families with names of their own, each under an idempotency key."""

    def __init__(self, fleet: Fleet, name: str) -> None:
        self._fleet = fleet
        self._name = name
        self._users: dict[str, str] = {}
        self._recipients: dict[str, str] = {}
        self._files: dict[str, str] = {}

    @property
    def job_ids(self) -> list[str]:
        return [*self._users, *self._recipients, *self._files]

    def sync(self, numbers: Iterable[int]) -> None:
        users = [f"{self._name}-{number}" for number in numbers]
        self._users |= self._enqueue(users, [SyncUser(user=user) for user in users])

    def mail(self, numbers: Iterable[int]) -> None:
        people = [f"{self._name}-{number}@example.org" for number in numbers]
        jobs = [SendEmail(to=(person,), subject=f"For {person}", text="Hello") for person in people]
        self._recipients |= self._enqueue(people, jobs)

    def download(self, numbers: Iterable[int], *, bytes_per_second: int = 400_000) -> None:
        names = [f"{self._name}-{number}" for number in numbers]
        jobs = [
            DownloadFile(
                url=f"{self._fleet.files.url}/bytes/{FILE_BYTES}/{name}?bytes_per_second={bytes_per_second}",
                destination=f"{name}.bin",
                sha256=sha256_of(name, FILE_BYTES),
            )
            for name in names
        ]
        self._files |= self._enqueue(names, jobs)

    def mixed(self, count: int) -> None:
        """So many of each family."""
        self.sync(range(count))
        self.mail(range(count))
        self.download(range(count))

    def ended(self) -> int:
        return sum(1 for job_id in self.job_ids if self._fleet.client.status(job_id).state.is_final)

    def wait_until_some_ended(self, count: int) -> None:
        wait_until(lambda: self.ended() >= count, description=f"{count} jobs to end", timeout=40, interval=0.05)

    def ledger(self, *, timeout: float = 60.0) -> Ledger:
        """Waits until every job has ended, then counts from the outside."""
        statuses = self._wait_for_all(timeout)
        ledger = Ledger()
        created = Counter(entry["name"] for entry in self._fleet.jellyfin.record.entries("user_created"))
        mailed = Counter(
            (recipient, entry["message_id"])
            for entry in self._fleet.mail.record.entries("mail_accepted")
            for recipient in entry["recipients"]
        )
        for job_id, user in self._users.items():
            ledger.judge(statuses[job_id], user, created[user])
        for job_id, person in self._recipients.items():
            copies = sum(count for (recipient, _), count in mailed.items() if recipient == person)
            ledger.judge(statuses[job_id], person, copies)
        for job_id, name in self._files.items():
            ledger.judge(statuses[job_id], name, self._complete(name))
        return ledger

    def _wait_for_all(self, timeout: float) -> dict[str, JobStatus]:
        ended: dict[str, JobStatus] = {}

        def all_ended() -> bool:
            for job_id in self.job_ids:
                if job_id not in ended and (status := self._fleet.client.status(job_id)).state.is_final:
                    ended[job_id] = status
            return len(ended) == len(self.job_ids)

        try:
            wait_until(all_ended, description=f"{len(self.job_ids)} jobs to end", timeout=timeout, interval=0.1)
        except AssertionError as error:
            left = [self._fleet.client.status(job_id) for job_id in self.job_ids if job_id not in ended]
            raise AssertionError(f"{error}; of those that have not: {left[:3]}") from error
        return ended

    def _complete(self, name: str) -> int:
        """1 when the whole file is there."""
        file = self._fleet.downloads / f"{name}.bin"
        whole = file.is_file() and sha256(file.read_bytes()).hexdigest() == sha256_of(name, FILE_BYTES)
        return int(whole)

    def _enqueue(self, names: Sequence[str], jobs: Sequence[SyncUser | SendEmail | DownloadFile]) -> dict[str, str]:
        """Repeats until Valkey has them, as a producer with idempotency keys may."""
        requests = [Request(job, idempotency_key=f"{job.kind}:{name}") for name, job in zip(names, jobs, strict=True)]
        taken: dict[str, str] = {}

        def took() -> bool:
            with suppress(Unavailable, RedisError):
                answers = accepted(self._fleet.client.enqueue_many(requests))
                taken.update({answer.job_id: name for answer, name in zip(answers, names, strict=True)})
            return bool(taken)

        wait_until(took, description="Valkey to take the jobs", timeout=30, interval=0.1)
        return taken
