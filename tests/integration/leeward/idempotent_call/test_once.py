"""Code that is no job runs once for its key: at a real fleet and at a fake one alike."""

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
import redis

from leeward import AsyncLeeward, CallConflict, CallInProgress, CallLost, Leeward, once
from leeward.errors import Invalid
from leeward.testing import FakeAsyncLeeward, FakeLeeward

LEASE = timedelta(minutes=5)


@dataclass
class Site:
    """A fleet, and how time passes there: what is known of a call moves into the past."""

    fleet: Leeward
    pass_time: Callable[[timedelta], Any]


@pytest.fixture(params=["real", "fake"])
def site(request: pytest.FixtureRequest) -> Iterator[Site]:
    if request.param == "fake":
        fake = FakeLeeward()
        yield Site(fake, fake.advance)
        return
    client: redis.Redis = request.getfixturevalue("valkey")

    def pass_time(span: timedelta) -> None:
        for name in client.keys("leeward:{once}:once:*"):
            until = float(client.hget(name, "until") or 0)
            client.hset(name, "until", f"{until - span.total_seconds() * 1000:.0f}")
            left_ms = client.pttl(name) - span // timedelta(milliseconds=1)
            _ = client.pexpire(name, left_ms) if left_ms > 0 else client.delete(name)

    with Leeward(request.getfixturevalue("valkey_url")) as fleet:
        yield Site(fleet, pass_time)


def test_a_block_runs_once_and_is_answered_from_what_was_stored(site: Site) -> None:
    with once("charge-17", site.fleet, payload={"cents": 250}) as call:
        assert call.is_new
        assert not call.is_open
        call.answer = {"id": "ch_1"}

    with once("charge-17", site.fleet, payload={"cents": 250}) as again:
        assert not again.is_new

    assert again.answer == {"id": "ch_1"}


def test_another_payload_is_a_conflict(site: Site) -> None:
    with once("charge-17", site.fleet, payload={"cents": 250}):
        pass

    with pytest.raises(CallConflict), once("charge-17", site.fleet, payload={"cents": 300}):
        pass


def test_one_that_runs_is_in_progress(site: Site) -> None:
    with once("charge-17", site.fleet, lease=LEASE):
        with pytest.raises(CallInProgress) as running, once("charge-17", site.fleet, lease=LEASE):
            pass

        assert timedelta(0) < running.value.left <= LEASE


def test_one_that_fails_frees_its_key(site: Site) -> None:
    with pytest.raises(ValueError, match="card"), once("charge-17", site.fleet):
        raise ValueError("card")

    with once("charge-17", site.fleet) as call:
        assert call.is_new
        assert not call.is_open


def test_one_that_never_reported_its_end_is_seen_as_open(site: Site) -> None:
    with pytest.raises(KeyboardInterrupt), once("charge-17", site.fleet, lease=LEASE):
        raise KeyboardInterrupt

    with pytest.raises(CallInProgress), once("charge-17", site.fleet):
        pass
    site.pass_time(LEASE)
    with once("charge-17", site.fleet) as call:
        assert call.is_new
        assert call.is_open


def test_one_that_takes_longer_than_its_lease_loses_its_key(site: Site) -> None:
    def slowly() -> None:
        with once("charge-17", site.fleet, lease=LEASE) as slow:
            site.pass_time(LEASE)
            with once("charge-17", site.fleet) as quick:
                quick.answer = "quick"
            slow.answer = "slow"

    with pytest.raises(CallLost):
        slowly()

    with once("charge-17", site.fleet) as call:
        assert call.answer == "quick"


def test_a_renewed_one_keeps_it(site: Site) -> None:
    attempt = once("charge-17", site.fleet, lease=LEASE)
    with attempt as call:
        site.pass_time(LEASE * 0.9)
        attempt.renew()
        site.pass_time(LEASE * 0.9)
        with pytest.raises(CallInProgress), once("charge-17", site.fleet):
            pass
        call.answer = 1

    with once("charge-17", site.fleet) as again:
        assert again.answer == 1


def test_an_answer_is_kept_for_a_time(site: Site) -> None:
    kept = timedelta(hours=1)
    with once("charge-17", site.fleet, kept=kept):
        pass

    site.pass_time(kept + timedelta(seconds=1))

    with once("charge-17", site.fleet) as call:
        assert call.is_new


def test_a_function_runs_once_for_each_key(site: Site) -> None:
    charged: list[int] = []

    @once(lambda order: f"charge-{order}", site.fleet, payload=lambda order: {"order": order})
    def charge(order: int) -> dict[str, int]:
        charged.append(order)
        return {"order": order}

    assert [charge(17), charge(17), charge(18)] == [{"order": 17}, {"order": 17}, {"order": 18}]
    assert charged == [17, 18]


def test_a_function_that_fails_is_called_again(site: Site) -> None:
    calls: list[int] = []

    @once("report", site.fleet)
    def report() -> int:
        calls.append(1)
        if len(calls) == 1:
            raise ValueError("not yet")
        return len(calls)

    with pytest.raises(ValueError, match="not yet"):
        report()

    assert (report(), report(), len(calls)) == (2, 2, 2)


def test_what_cannot_be_is_refused(site: Site) -> None:
    with pytest.raises(Invalid):
        once("", site.fleet)
    with pytest.raises(Invalid):
        once("key", site.fleet, lease=timedelta(0))
    with pytest.raises(Invalid), once("key", site.fleet, payload=object()):
        pass
    with pytest.raises(Invalid), once("key", site.fleet) as call:
        call.answer = object()


@pytest.mark.parametrize("kind", ["real", "fake"])
def test_event_loops_have_the_same(kind: str, valkey_url: str) -> None:
    async def scenario() -> list[Any]:
        async with FakeAsyncLeeward() if kind == "fake" else AsyncLeeward(valkey_url) as fleet:
            ran: list[int] = []

            @once(lambda order: f"charge-{order}", fleet)
            async def charge(order: int) -> int:
                ran.append(order)
                return order

            answers = [await charge(17), await charge(17)]
            attempt = once("block", fleet)
            async with attempt as call:
                await attempt.renew()
                with pytest.raises(CallInProgress):
                    async with once("block", fleet):
                        pass
                call.answer = "stored"
            async with once("block", fleet) as again:
                answers.append(again.answer)
            with pytest.raises(ValueError, match="card"):
                async with once("failing", fleet):
                    raise ValueError("card")
            async with once("failing", fleet) as anew:
                answers.append(anew.is_new)
            return [*answers, ran]

    assert asyncio.run(scenario()) == [17, 17, "stored", True, [17]]


def test_a_call_that_was_begun_and_whose_reply_was_lost_is_begun_once(valkey: "redis.Redis") -> None:
    from leeward.wire.script import Script

    begin = Script("leeward.wire.scripts", "once_begin.lua")
    arguments = ["", "key", "print", "token", 1000, 1000]

    first = begin(valkey, "leeward:{once}:", arguments)

    assert first == begin(valkey, "leeward:{once}:", arguments) == [b"new"]
