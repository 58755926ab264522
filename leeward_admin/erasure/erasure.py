"""What a fleet keeps of one person, taken out of PostgreSQL and Valkey (`docs/privacy.md` says what is not reached)."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import redis
from sqlalchemy import Engine

from broker.fleet import erasure as in_valkey
from broker.fleet.jobs.withdrawal import cancel_waiting
from leeward.status import JobState
from storage.erasure import record
from storage.erasure.accounts import erase_accounts
from storage.erasure.letters import erase_about_letters, erase_letters
from storage.erasure.record import ErasureRecord
from storage.erasure.subject import Subject


@dataclass(frozen=True, slots=True)
class Remains:
    """Something that still names the person, and what to do about it.

    Attributes:
        what: `waiting job`, `scheduled job`, `running job`, `account` or `dead letter`.
        id: which one; of an account its provider.
        why: why it is left, and what helps.
    """

    what: str
    id: str
    why: str


@dataclass(frozen=True, slots=True)
class ErasureReport:
    """Attributes:
    pseudonym: what replaces the person.
    subject_hash: the keyed hash in the record.
    counts: what named the person and does not any more; after a dry run, what does.
    remains: what was left.
    record: that it was done; None for a dry run.
    """

    pseudonym: str
    subject_hash: str
    counts: dict[str, int]
    remains: tuple[Remains, ...]
    record: ErasureRecord | None = None


class Erasure:
    """Finds and erases what is kept of a person.

    Args:
        engine: of PostgreSQL.
        client: of Valkey.
        providers: names of the providers there are.
        drain: brings what is in the outboxes into PostgreSQL.
    """

    def __init__(
        self, engine: Engine, client: redis.Redis, providers: Callable[[], list[str]], drain: Callable[[], None]
    ) -> None:
        self._engine, self._client = engine, client
        self._providers, self._drain = providers, drain

    def find(self, subject: str, *, cancel_jobs: bool = False) -> ErasureReport:
        """What `erase` would change and leave. Changes nothing.

        Raises:
            InvalidSubject: too short or too long.
        """
        return self._look(self._subject(subject), apply=False, cancel_jobs=cancel_jobs)

    def erase(self, subject: str, *, who: str, cancel_jobs: bool = False) -> ErasureReport:
        """Puts a pseudonym in the person's place wherever that is possible, and records that it was done. Broken off, the same call does
        the rest.

        Args:
            subject: a mail address or a user name, in any case. A longer one that contains it is another person.
            who: for the record.
            cancel_jobs: also cancels the person's waiting and scheduled jobs, which otherwise are left and run.

        Raises:
            InvalidSubject: too short or too long.
        """
        person = self._subject(subject)
        self._drain()
        report = self._look(person, apply=True, cancel_jobs=cancel_jobs)
        remains = Counter(one.what for one in report.remains)
        with self._engine.connect() as connection:
            done = record.record(connection, who=who, subject_hash=person.hash, counts=report.counts, remains=remains)
        return ErasureReport(report.pseudonym, report.subject_hash, report.counts, report.remains, done)

    def records(self, subject: str | None = None, *, limit: int = 100) -> Sequence[ErasureRecord]:
        """The erasures that were done, the latest first; those of one person where one is given.

        Raises:
            InvalidSubject: too short or too long.
        """
        hash_ = None if subject is None else self._subject(subject).hash
        with self._engine.connect() as connection:
            return record.records(connection, subject_hash=hash_, limit=limit)

    def _subject(self, text: str) -> Subject:
        return Subject(text.strip(), in_valkey.erasure_key(self._client))

    def _look(self, person: Subject, *, apply: bool, cancel_jobs: bool) -> ErasureReport:
        remains: list[Remains] = []
        # Jobs first: one that is cancelled leaves nothing behind, and one that dies meanwhile is found as a letter.
        cancelled = self._jobs(person, remains, apply=apply, cancel_jobs=cancel_jobs)
        with self._engine.connect() as connection:
            letters, held = erase_letters(connection, person, apply=apply)
            counts = {"dead letters": letters, **erase_about_letters(connection, person, apply=apply)}
            counts["accounts"], kept = erase_accounts(connection, person, apply=apply)
        remains += [
            Remains("dead letter", str(id_), "it is under legal hold: release it, and erase again") for id_ in held
        ]
        remains += [
            Remains(
                "account", one.provider, f"it is {one.state} and is to be disabled when it expires: erase again then"
            )
            for one in kept
        ]
        counts |= {"cancelled jobs": cancelled, **self._in_valkey(person, apply=apply)}
        return ErasureReport(person.pseudonym, person.hash, counts, tuple(remains))

    def _jobs(self, person: Subject, remains: list[Remains], *, apply: bool, cancel_jobs: bool) -> int:
        cancelled = 0
        for job in self._live(person):
            if job.state is JobState.RUNNING:
                remains.append(Remains("running job", job.job_id, "it runs: erase again when it has ended"))
            elif not cancel_jobs:
                what = "scheduled job" if job.state is JobState.SCHEDULED else "waiting job"
                remains.append(
                    Remains(what, job.job_id, "it will run: cancel it with --cancel-jobs, or erase again after it")
                )
            elif not apply or cancel_waiting(self._client, job.provider, [job.job_id]) == ["cancelled"]:
                cancelled += 1
            else:
                remains.append(Remains("running job", job.job_id, "it runs by now: erase again when it has ended"))
        return cancelled

    def _live(self, person: Subject) -> Iterator[in_valkey.LiveJob]:
        for provider in self._providers():
            yield from in_valkey.live_jobs(self._client, provider, person.is_in)

    def _in_valkey(self, person: Subject, *, apply: bool) -> dict[str, int]:
        named, erased = person.is_in, person.erased
        parts = []
        for provider in self._providers():
            parts.append(in_valkey.erase_kept(self._client, provider, named, erased, apply=apply))
            events = in_valkey.erase_events(self._client, provider, named, apply=apply)
            findings = in_valkey.erase_findings(self._client, provider, named, erased, apply=apply)
            parts.append({"events": events, "findings": findings})
        return in_valkey.counted(parts)
