import inspect

import pytest

from leeward.actions import CheckInstallation, Letters, ProbeProvider, ReplayDeadLetters, WaitFor
from leeward.extension import errors
from leeward.jobs.dead_reason import DeadReason
from storage.dead_letters.groups.diagnosis import BY_ERROR, BY_REASON, OTHERWISE, Cause, Diagnosis, diagnose
from storage.dead_letters.groups.symptom import Symptom
from storage.dead_letters.groups.trend import Direction

CLASSES = [
    name
    for name, found in inspect.getmembers(errors, inspect.isclass)
    if issubclass(found, errors.ProviderError) and found is not errors.ProviderError
]


def suggested(
    reason: DeadReason = DeadReason.EXHAUSTED,
    *,
    error: str | None = None,
    status: int | None = None,
    direction: Direction = Direction.STEADY,
) -> Diagnosis:
    return diagnose(Symptom("1abc", "jellyfin", reason, error, status, direction))


@pytest.mark.parametrize("name", CLASSES)
def test_every_class_of_a_providers_errors_has_a_row(name: str) -> None:
    assert name in BY_ERROR


@pytest.mark.parametrize("reason", list(DeadReason))
def test_every_reason_has_a_row(reason: DeadReason) -> None:
    assert (reason in BY_REASON) != (reason in OTHERWISE)


@pytest.mark.parametrize("reason", list(DeadReason))
@pytest.mark.parametrize("error", [*CLASSES, "KeyError", None])
@pytest.mark.parametrize("direction", list(Direction))
def test_whatever_happened_there_is_something_to_do(
    reason: DeadReason, error: str | None, direction: Direction
) -> None:
    found = suggested(reason, error=error, direction=direction)

    assert found.next_step.endswith(".")
    assert found.actions
    assert len({action.kind for action in found.actions}) == len(found.actions)


@pytest.mark.parametrize(
    ("reason", "error", "status", "expected"),
    [
        (DeadReason.EXHAUSTED, "Transient", 503, Cause.OUTAGE),
        (DeadReason.EXPIRED, "Transient", None, Cause.OUTAGE),
        (DeadReason.EXPIRED, "RateLimited", 429, Cause.RATE_LIMIT),
        (DeadReason.EXPIRED, "AuthFailed", 401, Cause.CREDENTIALS),
        (DeadReason.EXPIRED, "Misconfigured", None, Cause.CONFIGURATION),
        (DeadReason.EXPIRED, "Busy", None, Cause.CONTENTION),
        (DeadReason.PERMANENT, "Permanent", 404, Cause.BAD_INPUT),
        (DeadReason.PERMANENT, "Permanent", 552, Cause.TARGET),
        (DeadReason.EXHAUSTED, "KeyError", None, Cause.BUG),
        (DeadReason.EXHAUSTED, "HTTPStatusError", 403, Cause.CREDENTIALS),
        (DeadReason.EXHAUSTED, None, None, Cause.BUG),
        (DeadReason.EXPIRED, "DeadlinePassed", None, Cause.TOO_LATE),
        (DeadReason.CRASH_LOOP, "CrashLoop", None, Cause.CRASH),
        (DeadReason.INVALID, "ValidationError", None, Cause.CONTRACT),
        (DeadReason.UNDECODABLE, "JSONDecodeError", None, Cause.CONTRACT),
        (DeadReason.UNKNOWN_ACTOR, "KeyError", None, Cause.CONTRACT),
        (DeadReason.UNKNOWN_OUTCOME, "Transient", 503, Cause.UNKNOWN_OUTCOME),
        (DeadReason.EXHAUSTED, "Ambiguous", None, Cause.UNKNOWN_OUTCOME),
    ],
)
def test_the_cause_is_told_by_the_most_certain_sign(
    reason: DeadReason, error: str | None, status: int | None, expected: Cause
) -> None:
    assert suggested(reason, error=error, status=status).cause is expected


def test_an_outage_that_is_over_is_to_be_replayed_and_one_that_goes_on_is_to_be_awaited() -> None:
    over, goes_on = (suggested(error="Transient", direction=way) for way in (Direction.QUIET, Direction.RISING))

    assert over.cause is goes_on.cause is Cause.OUTAGE
    assert "If it is healthy, replay" in over.next_step
    assert "when it is healthy again" in goes_on.next_step


def test_what_is_not_there_is_advised_about_otherwise_than_what_is_refused() -> None:
    missing, refused = (suggested(DeadReason.PERMANENT, error="Permanent", status=status) for status in (404, 422))

    assert "is not there" in missing.next_step
    assert "refuses these jobs" in refused.next_step


def test_actions_name_the_group_and_the_provider() -> None:
    assert suggested(error="AuthFailed").actions == (
        CheckInstallation(),
        ProbeProvider("jellyfin"),
        ReplayDeadLetters(Letters(fingerprint="1abc"), dry_run=True),
    )


def test_a_provider_that_fails_now_is_to_be_waited_for() -> None:
    assert WaitFor("jellyfin") in suggested(error="Transient", direction=Direction.RISING).actions
    assert WaitFor("jellyfin") not in suggested(error="Transient", direction=Direction.QUIET).actions


def test_a_replay_of_what_may_have_had_its_effect_needs_a_reason() -> None:
    symptom = Symptom("1abc", "smtp", DeadReason.EXHAUSTED, "Transient", 451, Direction.QUIET, repeatable=False)

    replays = [action for action in diagnose(symptom).actions if isinstance(action, ReplayDeadLetters)]

    assert [replay.needs_reason for replay in replays] == [True]


def test_an_error_that_an_extension_derives_is_diagnosed_as_the_class_that_it_derives_from() -> None:
    symptom = Symptom(
        "1abc", "acme", DeadReason.EXHAUSTED, "AcmeDown", None, Direction.STEADY, provider_error="Transient"
    )
    assert diagnose(symptom).cause is Cause.OUTAGE
