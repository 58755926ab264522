"""What the producer enqueued, and the effects that are expected outside."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any


class Family(StrEnum):
    SYNC = "sync"
    EMAIL = "email"
    DOWNLOAD = "download"


@dataclass(frozen=True, slots=True)
class Effect:
    """Something that shall be so outside, once: an account in a state, a mail in one person's mailbox, a file on disk.

    Attributes:
        name: what to look for: user and state; subject and recipient; path and checksum.
        job_id: the job that brings it about; of a mail to several people the one that was enqueued.
    """

    family: Family
    name: tuple[str, str]
    job_id: str

    def __str__(self) -> str:
        return f"{self.family} {' / '.join(self.name) if self.family is not Family.DOWNLOAD else self.name[0]}"


@dataclass(frozen=True, slots=True)
class Answer:
    """One enqueue: what was meant by it and what came of it."""

    job_id: str
    manner: str
    outcome: str


@dataclass(frozen=True, slots=True)
class Orders:
    """Everything that one or more producers asked for."""

    installed: tuple[str, ...] = ()
    answers: tuple[Answer, ...] = ()
    effects: tuple[Effect, ...] = ()

    def __add__(self, other: "Orders") -> "Orders":
        return replace(self, answers=self.answers + other.answers, effects=self.effects + other.effects)

    @property
    def jobs(self) -> dict[str, int]:
        """New jobs by family."""
        families = {effect.job_id: effect.family for effect in self.effects}
        return {family: sum(found is family for found in families.values()) for family in Family}

    @property
    def job_ids(self) -> set[str]:
        return {effect.job_id for effect in self.effects}

    def problems(self) -> list[str]:
        """Enqueues that were not answered as an idempotency key demands."""
        known = {answer.job_id for answer in self.answers if answer.manner == "first"}
        right = {"first": "enqueued", "again": "duplicate", "other": "conflict"}
        wrong = [a for a in self.answers if a.outcome != right[a.manner] or a.job_id not in known]
        return [f"an enqueue ({a.manner}) was answered with {a.outcome}, job {a.job_id}" for a in wrong]

    def outcomes(self, outcome: str) -> int:
        return sum(answer.outcome == outcome for answer in self.answers)


def read(lines: Iterable[str]) -> Orders:
    """From the producer's standard output."""
    first, *others = (json.loads(line) for line in lines)
    return Orders(
        tuple(first["installed"]),
        tuple(Answer(each["job_id"], each["manner"], each["outcome"]) for each in others),
        tuple(_effect(each["job_id"], effect) for each in others for effect in each["effects"]),
    )


def _effect(job_id: str, expected: Mapping[str, Any]) -> Effect:
    family = Family(expected["family"])
    names = {
        Family.SYNC: ("user", "state"),
        Family.EMAIL: ("subject", "recipient"),
        Family.DOWNLOAD: ("path", "sha256"),
    }[family]
    return Effect(family, (expected[names[0]], expected[names[1]]), job_id)
