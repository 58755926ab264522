"""What is read of status pages and metrics, also where they have other shapes than they should."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from providers.kuma.monitors import Monitor, MonitorState, of_metrics, of_page

PAGE: dict[str, Any] = {
    "publicGroupList": [
        {"id": 1, "monitorList": [{"id": 7, "name": "plex", "type": "http"}, {"id": 8, "name": "new"}]},
        {"id": 2, "monitorList": [{"id": 9, "name": "tick", "type": "push"}]},
    ]
}
BEATS: dict[str, Any] = {
    "heartbeatList": {
        "7": [
            {"status": 1, "time": "2026-12-01 02:00:00.000", "msg": "", "ping": 12},
            {"status": 0, "time": "2026-12-01 02:01:00.000", "msg": "", "ping": None},
        ],
        "8": [],
        "9": [{"status": 3, "time": "2026-12-01 02:01:00.000", "msg": "", "ping": 3.5}],
    },
    "uptimeList": {"7_24": 0.5, "9_24": 1},
}


def test_the_newest_heartbeat_is_the_last_one() -> None:
    assert of_page(PAGE, BEATS) == [
        Monitor(7, "plex", MonitorState.DOWN, None, 0.5, "2026-12-01 02:01:00.000"),
        Monitor(8, "new", None),
        Monitor(9, "tick", MonitorState.MAINTENANCE, 3.5, 1.0, "2026-12-01 02:01:00.000"),
    ]


def test_a_page_that_is_not_known_has_no_heartbeats_and_no_states() -> None:
    assert [one.state for one in of_page(PAGE, {"heartbeatList": {}, "uptimeList": {}})] == [None, None, None]


@pytest.mark.parametrize(
    "odd", [None, [], "x", {"publicGroupList": None}, {"publicGroupList": [1, {"monitorList": [{}, {"id": True}]}]}]
)
def test_a_page_of_another_shape_shows_nothing(odd: Any) -> None:
    assert of_page(odd, BEATS) == []


@given(
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.text(),
        lambda inner: (
            st.lists(inner)
            | st.dictionaries(
                st.sampled_from(["publicGroupList", "monitorList", "heartbeatList", "id", "status", "7"]), inner
            )
        ),
        max_leaves=12,
    )
)
def test_no_shape_fails(odd: Any) -> None:
    of_page(odd, BEATS)
    of_page(PAGE, odd)


OLD = """# TYPE monitor_status gauge
monitor_response_time{monitor_name="plex",monitor_type="http",monitor_url="https://p",monitor_hostname="null",monitor_port="null"} 12
monitor_status{monitor_name="plex",monitor_type="http",monitor_url="https://p",monitor_hostname="null",monitor_port="null"} 1
monitor_response_time{monitor_name="off",monitor_type="http",monitor_url="https://o",monitor_hostname="null",monitor_port="null"} -1
monitor_status{monitor_name="off",monitor_type="http",monitor_url="https://o",monitor_hostname="null",monitor_port="null"} 0
"""
NEW = r"""monitor_status{monitor_id="7",monitor_name="a \"b\" {c}",monitor_type="push",monitor_url="null"} 2
monitor_response_time{monitor_id="7",monitor_name="a \"b\" {c}",monitor_type="push",monitor_url="null"} NaN
monitor_uptime_ratio{monitor_id="7",monitor_name="a \"b\" {c}",monitor_type="push",monitor_url="null",window="1d"} 0.25
monitor_uptime_ratio{monitor_id="7",monitor_name="a \"b\" {c}",monitor_type="push",monitor_url="null",window="30d"} 0.75
process_cpu_seconds_total 3
"""


def test_metrics_of_1_x_have_no_numbers() -> None:
    assert of_metrics(OLD) == [
        Monitor(None, "plex", MonitorState.UP, 12.0),
        Monitor(None, "off", MonitorState.DOWN, None),
    ]


def test_metrics_of_2_x_have_numbers_and_uptimes_and_nan_is_none() -> None:
    assert of_metrics(NEW) == [Monitor(7, 'a "b" {c}', MonitorState.PENDING, None, 0.25)]


@given(st.text(alphabet='monitor_status{}="\\,17 \nx', max_size=200))
def test_no_text_fails(text: str) -> None:
    of_metrics(text)
