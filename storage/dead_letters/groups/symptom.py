"""What is known of a group of failures, and the steps that can be proposed for it."""

from dataclasses import dataclass

from leeward.actions import (
    Action,
    CheckInstallation,
    DiscardDeadLetters,
    EditPayload,
    Letters,
    ListDeadLetters,
    ListQueues,
    ProbeProvider,
    ReplayDeadLetters,
    SetGuards,
    ShowProvider,
    WaitFor,
)
from leeward.jobs.dead_reason import DeadReason
from storage.dead_letters.groups.trend import Direction


@dataclass(frozen=True, slots=True)
class Symptom:
    """What is known of a group.

    Attributes:
        reason, error_type, status: of its newest letter.
        sample: that letter's id.
        repeatable: whether a replay by filter takes that letter without a word on why it is safe.
        provider_error: the class of the contract that its error derives from, where that is another one.
    """

    fingerprint: str
    provider: str
    reason: DeadReason
    error_type: str | None
    status: int | None
    direction: Direction
    sample: str = "ID"
    repeatable: bool = True
    provider_error: str | None = None


def look(symptom: Symptom) -> Action:
    return ListDeadLetters(_all(symptom))


def look_at_provider(symptom: Symptom) -> Action:
    return ShowProvider(symptom.provider)


def wait(symptom: Symptom) -> Action:
    return WaitFor(symptom.provider)


def check(_: Symptom) -> Action:
    return CheckInstallation()


def probe(symptom: Symptom) -> Action:
    return ProbeProvider(symptom.provider)


def try_replay(symptom: Symptom) -> Action:
    return _replay(symptom, dry_run=True)


def replay_slowly(symptom: Symptom) -> Action:
    return _replay(symptom, dry_run=True, per_second=1)


def replay_one(symptom: Symptom) -> Action:
    return _replay(symptom, limit=1)


def discard(symptom: Symptom) -> Action:
    return DiscardDeadLetters(_all(symptom))


def correct(symptom: Symptom) -> Action:
    return EditPayload(symptom.sample)


def lower_rate(symptom: Symptom) -> Action:
    return SetGuards(symptom.provider, (("rate", "1"),))


def look_at_queues(_: Symptom) -> Action:
    return ListQueues()


def try_replay_of_newest(symptom: Symptom) -> Action:
    return ReplayDeadLetters(Letters(ids=(symptom.sample,)), dry_run=True)


def discard_newest(symptom: Symptom) -> Action:
    return DiscardDeadLetters(Letters(ids=(symptom.sample,)), note="it was there")


def _all(symptom: Symptom) -> Letters:
    return Letters(fingerprint=symptom.fingerprint)


def _replay(
    symptom: Symptom, *, dry_run: bool = False, per_second: float | None = None, limit: int | None = None
) -> Action:
    return ReplayDeadLetters(
        _all(symptom),
        per_second=per_second,
        limit=limit,
        dry_run=dry_run,
        # A replay of a whole group takes what may have had its effect only with the reason why that is safe.
        needs_reason=not symptom.repeatable,
    )
