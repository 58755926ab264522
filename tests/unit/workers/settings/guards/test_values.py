"""Guard numbers as people write them."""

from datetime import timedelta
from typing import Any

import pytest

from workers.settings.guards.values import parse_text, parse_value


@pytest.mark.parametrize(
    ("text", "seconds"), [("500ms", 0.5), ("30s", 30), ("2m", 120), ("1h", 3600), ("1.5s", 1.5), ("0s", 0)]
)
def test_durations_have_units(text: str, seconds: float) -> None:
    assert parse_value("ramp", text) == parse_text("ramp", text) == timedelta(seconds=seconds)


@pytest.mark.parametrize("value", [30, "30", "s", "-1s", "1 s", "1y", "1_0s", "", None, True])
def test_a_duration_without_a_unit_is_refused(value: Any) -> None:
    with pytest.raises(ValueError, match="is not a valid duration; use for example 30d"):
        parse_value("ramp", value)


@pytest.mark.parametrize(
    ("name", "value"), [("limit", 1.5), ("limit", True), ("limit", "3"), ("hold", 1), ("rate", True)]
)
def test_a_value_of_another_type_is_refused(name: str, value: Any) -> None:
    with pytest.raises(ValueError, match=f"{name} is .*; write"):
        parse_value(name, value)
