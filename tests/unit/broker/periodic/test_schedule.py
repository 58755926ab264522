"""When periodic actors run, compared with looking at every minute."""

from datetime import UTC, datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, reject, settings
from hypothesis import strategies as st
from periodiq import cron

from broker.periodic.schedule import Cron, Every, schedule_of
from tests.support.examples import examples

ZONES = [
    "UTC",
    "Europe/Berlin",
    "America/New_York",
    "America/Santiago",  # its gap begins at midnight
    "Australia/Lord_Howe",  # half an hour
    "Asia/Kathmandu",
    "Africa/Casablanca",
    "Antarctica/Troll",  # two hours
]
CHANGES = [
    datetime(2026, 3, 29, 1, tzinfo=UTC),
    datetime(2026, 10, 25, 1, tzinfo=UTC),
    datetime(2026, 9, 6, 4, tzinfo=UTC),
    datetime(2026, 4, 5, 3, tzinfo=UTC),
    datetime(2026, 11, 1, 6, tzinfo=UTC),
    datetime(2026, 2, 28, 12, tzinfo=UTC),
]
MINUTE = timedelta(minutes=1)


def field(lowest: int, highest: int) -> st.SearchStrategy[str]:
    number = st.integers(lowest, highest)
    step = st.integers(2, max(2, (highest - lowest) // 2)).map(lambda n: f"*/{n}")
    some = st.lists(number, min_size=1, max_size=3).map(lambda values: ",".join(map(str, values)))
    span = st.tuples(number, number).map(lambda ends: f"{min(ends)}-{max(ends)}")
    return st.one_of(st.just("*"), step, some, span)


EXPRESSIONS = st.tuples(field(0, 59), field(0, 23), field(1, 31), field(1, 12), field(0, 7)).map(" ".join)


def values(text: str, lowest: int, highest: int) -> set[int]:
    """Our own reading of the fields that are generated here."""
    if text.startswith("*"):
        return set(range(lowest, highest + 1, int(text.partition("/")[2] or 1)))
    if "-" in text:
        first, last = map(int, text.split("-"))
        return set(range(first, last + 1))
    return set(map(int, text.split(",")))


def is_day(local: datetime, days: str, months: str, weekdays: str) -> bool:
    by_date = local.day in values(days, 1, 31)
    by_weekday = bool({local.isoweekday(), local.isoweekday() % 7} & values(weekdays, 0, 7))
    either = not days.startswith("*") and not weekdays.startswith("*")
    return local.month in values(months, 1, 12) and ((by_date or by_weekday) if either else (by_date and by_weekday))


def by_every_minute(expression: str, zone: tzinfo, start: datetime, end: datetime) -> list[datetime]:
    """The rule of the module's docstring, minute by minute."""
    minutes, hours, *day = expression.split()
    wanted = values(minutes, 0, 59), values(hours, 0, 23)

    def matches(local: datetime) -> bool:
        return local.minute in wanted[0] and local.hour in wanted[1] and is_day(local, *day)

    follows_time = minutes.startswith("*") or hours.startswith("*")
    found, seen, due = [], set[datetime](), False
    local_before: datetime | None = None
    at = start - timedelta(hours=4)
    while at <= end:
        local = at.astimezone(zone).replace(tzinfo=None)
        skipped = [] if local_before is None or follows_time else _between(local_before, local)
        due = any(matches(one) for one in skipped) or (matches(local) and (follows_time or local not in seen))
        seen.add(local)
        if due and start < at:
            found.append(at)
        local_before, at = local, at + MINUTE
    return found


def _between(before: datetime, after: datetime) -> list[datetime]:
    return [before + n * MINUTE for n in range(1, max(1, (after - before) // MINUTE))]


@settings(max_examples=examples(60), deadline=None)
@given(
    expression=EXPRESSIONS,
    zone=st.sampled_from(ZONES),
    around=st.sampled_from(CHANGES),
    before=st.integers(0, 600),
)
def test_every_instant_is_that_of_a_look_at_every_minute(
    expression: str, zone: str, around: datetime, before: int
) -> None:
    start = around - before * MINUTE
    end = start + timedelta(hours=30)
    try:
        schedule = Cron(expression, ZoneInfo(zone))
    except ValueError:  # a day that no month has, as the 31st of April
        reject()

    found, at = [], schedule.after(start)
    while at is not None and at <= end:
        found.append(at)
        at = schedule.after(at)

    assert found == by_every_minute(expression, ZoneInfo(zone), start, end)
    for until in (start, start + 7 * MINUTE, around, around + timedelta(hours=2), end):
        assert schedule.latest(start, until) == max((at for at in found if at <= until), default=None)


def test_every_tick_of_a_repeated_hour_is_one_of_its_own() -> None:
    schedule = schedule_of("* * * * *", ZoneInfo("Europe/Berlin"))
    at, found = datetime(2026, 10, 24, 23, 59, tzinfo=UTC), set()
    for _ in range(120):
        at = schedule.after(at) or at
        found.add(at)

    assert len(found) == 120


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (datetime(2026, 3, 29, tzinfo=UTC), datetime(2026, 3, 29, 1, 0, tzinfo=UTC)),  # no 02:30: at 03:00
        (datetime(2026, 10, 25, tzinfo=UTC), datetime(2026, 10, 25, 0, 30, tzinfo=UTC)),  # the first of two
        (datetime(2026, 7, 1, tzinfo=UTC), datetime(2026, 7, 1, 0, 30, tzinfo=UTC)),
        (datetime(2026, 12, 1, tzinfo=UTC), datetime(2026, 12, 1, 1, 30, tzinfo=UTC)),
    ],
)
def test_a_daily_local_time_runs_once_every_day(day: datetime, expected: datetime) -> None:
    schedule = schedule_of("30 2 * * *", ZoneInfo("Europe/Berlin"))

    assert schedule.after(day) == expected
    assert schedule.after(expected) >= expected + timedelta(hours=22)  # type: ignore[operator]


@pytest.mark.parametrize("spec", ["0 3 * * 0", "0 3 * * sun", "0 3 * * 7", "@weekly", "0 0 * * 6,0"])
def test_sundays_come_however_they_are_written(spec: str) -> None:
    for declared in (spec, cron(spec)):
        at = schedule_of(declared).after(datetime(2026, 11, 28, 12, tzinfo=UTC))

        assert at is not None
        assert at.date() == datetime(2026, 11, 29, tzinfo=UTC).date()


def test_a_month_and_a_weekday_together() -> None:
    schedule, start = schedule_of(cron("0 0 * 3-5 1")), datetime(2023, 1, 1, tzinfo=UTC)
    days = (start + timedelta(days=n) for n in range(3 * 365))
    expected = [day for day in days if day.isoweekday() == 1 and day.month in {3, 4, 5}]

    found = [start]
    while len(found) <= len(expected):
        found.append(schedule.after(found[-1]) or start)

    assert found[1:] == expected


def test_what_periodiq_has_parsed_and_changed_is_read_from_its_fields() -> None:
    changed = cron("*/20 8-10 * * *").replace(m=[7])

    assert schedule_of(changed).text == "7 8,9,10 * * *"


@pytest.mark.parametrize("written", [timedelta(seconds=30), "30s", "*/30 * * * * *"])
def test_schedules_finer_than_a_minute(written: object) -> None:
    schedule = schedule_of(written)
    start = datetime(2026, 11, 30, 12, 0, 29, tzinfo=UTC)

    first = schedule.after(start)
    assert first == datetime(2026, 11, 30, 12, 0, 30, tzinfo=UTC)
    assert schedule.after(first) == datetime(2026, 11, 30, 12, 1, tzinfo=UTC)
    assert schedule.fine


@given(
    period=st.integers(1, 10_000_000).map(lambda seconds: timedelta(seconds=seconds)),
    at=st.integers(0, 2**31).map(lambda seconds: datetime.fromtimestamp(seconds, UTC)),
)
def test_periods_are_the_same_for_every_scheduler(period: timedelta, at: datetime) -> None:
    schedule = Every(period)
    after = schedule.after(at)

    assert after is not None
    assert at < after <= at + period
    assert schedule.latest(at - period, at) == after - period
    assert schedule.after(after - timedelta(microseconds=1)) == after


@pytest.mark.parametrize("wrong", ["often", "* * * *", "61 * * * *", "0s", "", 5, None, timedelta(0), "* * 31 2 *"])
def test_what_is_no_schedule_is_refused(wrong: object) -> None:
    with pytest.raises(ValueError):
        schedule_of(wrong)
