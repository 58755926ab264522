"""A call of a provider: its name, its total time, what is measured of it, and what its error learns."""

from datetime import timedelta
from typing import Any

import pytest
from pydantic import BaseModel

from leeward.duration import Duration
from leeward.extension import Calls, Context, Health, MeasuredCall, Permanent, Provider, Transient, current_call
from leeward.extension.calls.calls import MOST_OPERATIONS, OTHER, total_time


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


class Lab:
    def __init__(self, **options: Any) -> None:
        self.seen, self.clock = list[MeasuredCall](), Clock()
        self.call = Calls("media", type="jelly-fin", observe=self.seen.append, clock=self.clock, **options)


def test_a_call_is_measured_with_its_time() -> None:
    lab = Lab()

    with lab.call("create_user"):
        lab.clock.now += 1.5

    assert lab.seen == [MeasuredCall("media", "create_user", "ok", 1.5)]


def test_a_client_can_say_how_a_call_ended() -> None:
    lab = Lab()

    with lab.call("create_user") as call:
        call.outcome = "exists"

    assert [one.outcome for one in lab.seen] == ["exists"]


def test_an_error_learns_where_it_is_from() -> None:
    lab = Lab()

    with pytest.raises(Permanent) as found, lab.call("create_user"):
        raise Permanent("no", status=400)

    error = found.value
    assert (error.provider, error.operation, error.code) == ("media", "create_user", "JELLY_FIN_BAD_REQUEST")
    assert lab.seen == [MeasuredCall("media", "create_user", "bad_request", 0, "JELLY_FIN_BAD_REQUEST", 400)]


def test_what_an_error_knows_already_stays() -> None:
    lab = Lab()

    with pytest.raises(Transient) as found, lab.call("create_user"):
        raise Transient("no", provider="other", operation="ask").attributed("other", "acme")

    assert (found.value.provider, found.value.operation, found.value.code) == ("other", "ask", "ACME_UNAVAILABLE")


@pytest.mark.parametrize(("error", "outcome"), [(KeyError("x"), "error"), (KeyboardInterrupt(), "cancelled")])
def test_whatever_ends_a_call_is_measured_and_passed_on(error: BaseException, outcome: str) -> None:
    lab = Lab()

    with pytest.raises(type(error)), lab.call("create_user"):
        raise error

    assert [(one.outcome, one.code) for one in lab.seen] == [(outcome, "")]


def test_what_is_left_of_the_total_time_never_ends_at_zero() -> None:
    lab = Lab(total=timedelta(seconds=3))

    with lab.call("create_user") as call:
        assert call.left() == timedelta(seconds=3)
        assert call.at_most(timedelta(seconds=1)) == timedelta(seconds=1)
        lab.clock.now += 2.5
        assert call.at_most(timedelta(seconds=1)) == timedelta(seconds=0.5)
        assert not call.is_over()
        lab.clock.now += 2.5
        assert call.is_over()
        assert call.left() == timedelta(milliseconds=1)


def test_a_call_without_a_total_time_has_all_the_time() -> None:
    with Lab().call("fetch") as call:
        assert call.left() is None
        assert call.at_most(timedelta(hours=1)) == timedelta(hours=1)


def test_one_call_can_have_a_total_time_of_its_own() -> None:
    with Lab(total=timedelta(seconds=3)).call("scan", total=timedelta(minutes=1)) as call:
        assert call.left() == timedelta(minutes=1)


def test_a_call_within_another_ends_with_it() -> None:
    lab = Lab(total=timedelta(seconds=3))

    with lab.call("sync"):
        lab.clock.now += 2
        with lab.call("scan", total=timedelta(minutes=1)) as inner:
            assert inner.left() == timedelta(seconds=1)
            assert current_call() is inner
        outer = current_call()
        assert outer is not None
        assert outer.operation == "sync"

    assert current_call() is None
    assert [one.operation for one in lab.seen] == ["scan", "sync"]


@pytest.mark.parametrize("name", ["", "Create", "get /users/7", "a.b.c.d", "x" * 40, "user.é"])
def test_an_operation_is_a_short_fixed_word(name: str) -> None:
    with pytest.raises(ValueError, match="cannot name an operation"), Lab().call(name):
        pytest.fail("it began")


def test_more_operations_than_a_client_can_have_are_counted_together() -> None:
    lab = Lab()

    for number in range(MOST_OPERATIONS + 3):
        with lab.call(f"get_{number}"):
            pass

    assert len({one.operation for one in lab.seen}) == MOST_OPERATIONS + 1
    assert lab.seen[-1].operation == OTHER


class WithTimeout(BaseModel):
    timeout: Duration = timedelta(seconds=7)


class WithSeconds(BaseModel):
    timeout: int = 7


class Service(Provider[WithTimeout], type="service"):
    def health(self) -> Health:
        return Health.healthy()


def test_the_total_time_is_the_setting_timeout() -> None:
    assert total_time(WithTimeout()) == timedelta(seconds=7)
    assert total_time(WithSeconds()) is None
    assert Service("media", WithTimeout()).context.call.total == timedelta(seconds=7)


def test_outside_a_worker_calls_are_measured_by_nobody() -> None:
    with pytest.raises(Transient) as found, Context().call("ask"):
        raise Transient("no")

    assert found.value.code == "PROVIDER_UNAVAILABLE"
