import json
from typing import Any

from bench.report import Report


def report(**changes: Any) -> Report:
    figures: dict[str, Any] = {
        "bench": "pickup",
        "unit": "ms",
        "plain": 145.678,
        "leeward": 2.0,
        "ratio": 72.8,
        "target": "<= 3 ms",
        "met": True,
    }
    return Report(**figures | changes)


def test_a_report_is_one_line_of_json_that_begins_with_the_agreed_fields() -> None:
    line = report(details={"samples": 210}).line()

    assert "\n" not in line
    assert list(json.loads(line)) == ["bench", "unit", "plain", "leeward", "ratio", "target", "met", "samples"]


def test_figures_are_rounded_to_what_a_measurement_can_tell() -> None:
    said = json.loads(report(details={"rounds": {"plain": [4112.3456]}}).line())

    assert said["plain"] == 145.7
    assert said["rounds"] == {"plain": [4112.0]}


def test_a_system_that_did_not_get_there_has_no_figure_and_no_ratio() -> None:
    said = json.loads(report(plain=None, ratio=None).line())

    assert (said["plain"], said["ratio"]) == (None, None)
