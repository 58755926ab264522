"""What was done is counted by the hour in the step that settles it."""

from datetime import UTC, datetime, timedelta

from broker.fleet.completions import done_by_hour
from leeward.wire.keys import ProviderKeys
from tests.integration.broker.lab import Lab, Leased

HOUR = timedelta(hours=1)
KEPT = timedelta(days=8)


def hours(lab: Lab) -> list[datetime]:
    present = datetime.fromtimestamp(lab.now / 1000, UTC).replace(minute=0, second=0, microsecond=0)
    return [present - HOUR * back for back in range(3)]


def leased(lab: Lab, *ids: str) -> list[Leased]:
    lab.enqueue(*ids)
    return lab.admit(len(ids)).jobs


def counted(lab: Lab) -> dict[datetime, int]:
    return done_by_hour(lab.client, lab.keys.provider, hours(lab))


def test_plain_successes_and_results_are_counted_and_nothing_else_is(lab: Lab) -> None:
    plain, other, with_result, released, dead = leased(lab, "a", "b", "c", "d", "e")

    lab.succeed(plain, other)
    lab.settle(with_result, "done", result="1")
    lab.settle(released, "release")
    lab.die(dead)

    assert counted(lab) == {hours(lab)[0]: 3}


def test_who_comes_late_or_twice_is_not_counted(lab: Lab) -> None:
    (job,) = leased(lab, "a")
    lab.succeed(job)

    assert lab.succeed(job) == lab.settle(job, "done") == ["a"]

    assert counted(lab) == {hours(lab)[0]: 1}


def test_an_hour_in_which_everything_died_counts_as_none_done(lab: Lab) -> None:
    (job,) = leased(lab, "a")
    lab.die(job)

    assert counted(lab) == {hours(lab)[0]: 0}


def test_each_hour_is_counted_apart_and_kept_for_days(lab: Lab) -> None:
    lab.succeed(*leased(lab, "a"))
    lab.now += 3_600_000
    lab.succeed(*leased(lab, "b", "c"))

    present, before, _ = hours(lab)
    assert counted(lab) == {present: 2, before: 1}
    key = ProviderKeys(lab.keys.provider).done(lab.now // 3_600_000)
    assert KEPT - HOUR < timedelta(milliseconds=lab.client.pttl(key)) <= KEPT
