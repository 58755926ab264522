"""Schedules and their zone: what is none is refused with what to write."""

import pytest

from workers.settings.problem import InvalidSettings
from workers.settings.settings import Settings


@pytest.mark.parametrize(
    "schedule",
    [
        "* * * * *",
        "*/5 8-18 * * 1-5",
        "0 3 * * 7",
        "0 3 * * 0",
        "0 3 * * SUN",
        "0 0 1 1 *",
        "@daily",
        "@weekly",
        "0 0 * jan mon",
        "30s",
        "2m",
        "*/30 * * * * *",
    ],
)
def test_a_schedule_that_is_kept_is_accepted(schedule: str) -> None:
    assert Settings.load({"LEEWARD_PROBE_SCHEDULE": schedule}).probe_schedule == schedule


@pytest.mark.parametrize(
    ("schedule", "advice"),
    [
        ("often", "write five fields"),
        ("* * * *", "write five fields"),
        ("* * * * * * *", "write five fields"),
        ("@sometimes", "write five fields"),
        ("x * * * *", "impossible minute; write numbers from 0 to 59"),
        ("*/0 * * * *", "impossible minute"),
        ("75 * * * *", "impossible minute; write numbers from 0 to 59"),
        ("* 24 * * *", "impossible hour; write numbers from 0 to 23"),
        ("* * 0 * *", "impossible day of the month; write numbers from 1 to 31"),
        ("* * * 13 *", "impossible month; write numbers from 1 to 12"),
        ("30-10 * * * *", "impossible minute"),
        ("0s", "from 1 s"),
    ],
)
def test_what_is_no_schedule_is_refused(schedule: str, advice: str) -> None:
    with pytest.raises(InvalidSettings, match=advice):
        Settings.load({"LEEWARD_EXPIRY_SCHEDULE": schedule})


@pytest.mark.parametrize("zone", ["UTC", "Europe/Berlin", "America/Santiago"])
def test_a_zone_is_accepted(zone: str) -> None:
    assert Settings.load({"LEEWARD_SCHEDULE_ZONE": zone}).schedule_zone == zone


@pytest.mark.parametrize("zone", ["Berlin", "Europe/", "../etc/passwd", "/etc/localtime", "+02:00"])
def test_what_is_no_zone_is_refused(zone: str) -> None:
    with pytest.raises(InvalidSettings, match="write UTC or a name such as Europe/Berlin"):
        Settings.load({"LEEWARD_SCHEDULE_ZONE": zone})
