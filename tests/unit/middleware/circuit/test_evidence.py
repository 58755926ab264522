"""What an actor's end says about its provider."""

import pytest
from dramatiq.middleware import Shutdown, TimeLimitExceeded

from broker.delivery.call_result import CallResult
from leeward.extension.errors import (
    Ambiguous,
    AuthFailed,
    Misconfigured,
    Permanent,
    QuotaExceeded,
    RateLimited,
    TargetUnavailable,
    Transient,
)
from middleware.circuit.evidence import call_of, is_outage

SAY_NOTHING = (RateLimited, QuotaExceeded, AuthFailed, Misconfigured, Permanent, TargetUnavailable)


def test_success_shows_that_the_provider_is_there() -> None:
    assert call_of(None) is CallResult.OK


@pytest.mark.parametrize(
    "error",
    [
        Transient("503", provider="p", operation="o"),
        Ambiguous("no answer", provider="p", operation="o"),
        TimeLimitExceeded(),
    ],
)
def test_what_did_not_answer_has_failed(error: BaseException) -> None:
    assert call_of(error) is CallResult.FAILED


@pytest.mark.parametrize(
    "error",
    [
        *(kind("no", provider="p", operation="o") for kind in SAY_NOTHING),
        ValueError("our bug"),
        Shutdown(),
    ],
)
def test_what_the_provider_is_not_to_blame_for_says_nothing(error: BaseException) -> None:
    assert call_of(error) is None
    assert not is_outage(error, effect_marked=False)


def test_a_failed_call_may_be_an_outage() -> None:
    assert is_outage(Transient("503", provider="p", operation="o"), effect_marked=False)
    assert is_outage(Transient("503, and surely no effect", provider="p", operation="o"), effect_marked=True)
    assert is_outage(TimeLimitExceeded(), effect_marked=False)


def test_what_may_have_had_its_effect_is_never_simply_put_back() -> None:
    assert not is_outage(Ambiguous("no answer", provider="p", operation="o"), effect_marked=True)
    assert not is_outage(Ambiguous("no answer", provider="p", operation="o"), effect_marked=False)
    assert not is_outage(TimeLimitExceeded(), effect_marked=True)
    assert not is_outage(None, effect_marked=False)
