import json
from collections.abc import Iterable, Iterator
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import structlog
from prometheus_client import Metric
from prometheus_client.registry import Collector
from structlog.testing import capture_logs

from workers.monitoring.host_http import serve
from workers.monitoring.process_metrics import ProcessMetrics
from workers.settings.settings import Settings

SETTINGS = Settings.load({"LEEWARD_HTTP_PORT": "0"})


def get(url: str, path: str) -> tuple[int, str]:
    connection = HTTPConnection(urlsplit(url).netloc, timeout=10)
    connection.request("GET", path)
    answer = connection.getresponse()
    body = answer.read().decode()
    connection.close()
    return answer.status, body


@pytest.fixture
def url(tmp_path: Path) -> Iterator[str]:
    with serve(SETTINGS, tmp_path, ProcessMetrics(tmp_path)) as url:
        yield url


def test_a_process_that_has_just_made_its_metrics_file_does_not_spoil_the_others(tmp_path: Path, url: str) -> None:
    """Or was killed right then: the file stays empty for ever."""
    (tmp_path / "counter_4711.db").touch()

    assert get(url, "/metrics")[0] == 200


def test_a_host_without_processes_lives_and_is_not_ready(url: str) -> None:
    assert get(url, "/health/live") == (200, '{"status": "alive"}')
    status, body = get(url, "/health/ready")
    assert status == 503
    assert json.loads(body)["problems"] == ["0 of 2 worker processes have sent a recent heartbeat"]


def test_an_unknown_path_names_those_that_exist(url: str) -> None:
    status, body = get(url, "/metric")

    assert status == 404
    assert "/metrics" in body


class _Broken(Collector):
    def describe(self) -> Iterable[Metric]:
        return []

    def collect(self) -> Iterable[Metric]:
        raise RuntimeError("broken gauge")


def test_a_page_that_fails_is_logged_and_answered_without_details(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "workers.monitoring.http_server._log", structlog.get_logger()
    )  # not one that another test has configured
    with capture_logs() as lines, serve(SETTINGS, tmp_path, _Broken()) as url:
        status, body = get(url, "/metrics")

    assert status == 500
    assert "broken gauge" not in body
    assert [(line["event"], line["path"]) for line in lines] == [("page_failed", "/metrics")]
