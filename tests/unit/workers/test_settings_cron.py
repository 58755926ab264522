"""Schedules that periodiq would not keep are refused."""

from datetime import UTC, datetime

import pendulum
import pytest
from periodiq import cron

from workers.settings import Settings
from workers.settings_problem import InvalidSettings


@pytest.mark.parametrize(
    "schedule", ["* * * * *", "*/5 8-18 * * 1-5", "0 3 * * 7", "0 3 * * 6,7", "0 0 1 1 *", "@daily", "0 0 * * mon"]
)
def test_a_schedule_that_is_kept_is_accepted(schedule: str) -> None:
    assert Settings.load({"LEEWARD_PROBE_SCHEDULE": schedule}).probe_schedule == schedule


@pytest.mark.parametrize(
    "schedule", ["0 3 * * 0", "0 3 * * sun", "0 3 * * SUN", "0 3 * * 0-6", "0 3 * * */2", "@weekly"]
)
def test_a_sunday_that_would_never_come_is_refused_with_the_way_to_write_it(schedule: str) -> None:
    with pytest.raises(InvalidSettings, match="write Sunday as 7"):
        Settings.load({"LEEWARD_PROBE_SCHEDULE": schedule})


@pytest.mark.parametrize(
    ("schedule", "advice"),
    [
        ("often", "write five fields"),
        ("* * * *", "write five fields"),
        ("* * * * * *", "write five fields"),
        ("@sometimes", "write five fields"),
        ("x * * * *", "write five fields"),
        ("*/0 * * * *", "write five fields"),
        ("75 * * * *", "impossible minute; write one from 0 to 59"),
        ("* 24 * * *", "impossible hour; write one from 0 to 23"),
        ("* * 0 * *", "impossible day of the month; write one from 1 to 31"),
        ("* * * 13 *", "impossible month; write one from 1 to 12"),
        ("30-10 * * * *", "write five fields"),
    ],
)
def test_what_is_no_schedule_is_refused(schedule: str, advice: str) -> None:
    with pytest.raises(InvalidSettings, match=advice):
        Settings.load({"LEEWARD_EXPIRY_SCHEDULE": schedule})


def test_periodiq_still_loses_a_sunday_that_is_written_as_zero() -> None:
    """The reason for the refusal; when this fails, the refusal can go."""
    sunday = pendulum.instance(datetime(2026, 11, 22, 3, 0, tzinfo=UTC))

    assert not cron("0 3 * * 0").validate(sunday)
    assert cron("0 3 * * 7").validate(sunday)
