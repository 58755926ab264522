"""What an exception means for the job that raised it."""

from datetime import timedelta
from typing import Any

import dramatiq
import pytest
import redis
from dramatiq.middleware import Shutdown, TimeLimitExceeded
from hypothesis import given
from hypothesis import strategies as st

from broker.delivery.errors import LeaseLost
from broker.delivery.outcomes import Hold
from leeward.extension.errors import (
    LONGEST_WAIT,
    WAITS,
    Ambiguous,
    AuthFailed,
    Busy,
    Misconfigured,
    Permanent,
    ProviderError,
    QuotaExceeded,
    RateLimited,
    TargetUnavailable,
    Transient,
)
from middleware.retries.classify import Meaning, classify, waiting

SAID: dict[str, Any] = {"provider": "p", "operation": "o"}
TRANSLATED: list[tuple[BaseException, Meaning]] = [
    (Transient("x", **SAID), Meaning.TRY_AGAIN),
    (ProviderError("x", **SAID), Meaning.TRY_AGAIN),
    (TargetUnavailable("x", **SAID), Meaning.TRY_AGAIN),
    (RateLimited("x", **SAID), Meaning.WAIT),
    (QuotaExceeded("x", **SAID), Meaning.WAIT),
    (AuthFailed("x", **SAID), Meaning.WAIT),
    (Misconfigured("x", **SAID), Meaning.WAIT),
    (Busy("x", **SAID), Meaning.WAIT),
    (Permanent("x", **SAID), Meaning.NEVER),
    (Ambiguous("x", **SAID), Meaning.UNKNOWN),
    (dramatiq.Retry("x"), Meaning.TRY_AGAIN),
    (LeaseLost("a", "1@h:1"), Meaning.GIVE_BACK),
]
OPEN: list[tuple[BaseException, Meaning]] = [
    (ValueError("x"), Meaning.TRY_AGAIN),
    (TimeLimitExceeded(), Meaning.TRY_AGAIN),
    (dramatiq.RateLimitExceeded("x"), Meaning.TRY_AGAIN),
    (Shutdown(), Meaning.GIVE_BACK),
    (redis.ConnectionError("x"), Meaning.WAIT),
]


def name(case: object) -> str:
    return type(case).__name__ if isinstance(case, BaseException) else str(case)


@pytest.mark.parametrize(("error", "meaning"), TRANSLATED + OPEN, ids=name)
def test_an_error_before_any_effect_means_what_the_table_says(error: BaseException, meaning: Meaning) -> None:
    assert classify(error, effect_begun=False) is meaning


@pytest.mark.parametrize(("error", "meaning"), TRANSLATED, ids=name)
def test_an_error_that_speaks_for_the_provider_means_the_same_after_the_effect_began(
    error: BaseException, meaning: Meaning
) -> None:
    assert classify(error, effect_begun=True) is meaning


@pytest.mark.parametrize(("error", "_"), OPEN, ids=name)
def test_any_other_error_after_the_effect_began_leaves_its_outcome_open(error: BaseException, _: Meaning) -> None:
    assert classify(error, effect_begun=True) is Meaning.UNKNOWN


def test_a_subclass_means_what_its_nearest_base_means() -> None:
    class Throttled(RateLimited):
        pass

    assert classify(Throttled("x", **SAID), effect_begun=False) is Meaning.WAIT


def test_what_an_actor_throws_by_contract_ends_it() -> None:
    assert classify(KeyError(), effect_begun=False, throws=(LookupError,)) is Meaning.NEVER
    assert classify(KeyError(), effect_begun=False, throws=(ValueError,)) is Meaning.TRY_AGAIN


@given(st.sampled_from([RateLimited, QuotaExceeded]), st.timedeltas(timedelta(milliseconds=1), timedelta(days=30)))
def test_one_jobs_answer_holds_its_provider_for_as_long_as_that_asked_for_and_for_an_hour_at_most(
    kind: type[ProviderError], asked: timedelta
) -> None:
    held = waiting(kind("slow down", retry_after=asked, **SAID))

    assert isinstance(held, Hold)
    assert (held.delay, held.probe) == (min(asked, LONGEST_WAIT), False)


def test_an_error_of_an_extensions_own_waits_as_its_base_class_does() -> None:
    class AllowanceSpent(QuotaExceeded):
        pass

    held = waiting(AllowanceSpent("come back tomorrow", **SAID))

    assert held.delay == WAITS[QuotaExceeded]
