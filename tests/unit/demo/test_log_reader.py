from demo.log_reader import LogReader


def test_a_killed_worker_and_its_successor_are_news() -> None:
    news = LogReader()

    told = list(
        news.read(
            [
                {"event": "process_started", "process": "worker-0", "pid": 10},
                {"event": "process_ended", "process": "worker-0", "pid": 10, "exit_code": -9},
                {"event": "process_started", "process": "worker-0", "pid": 11},
            ]
        )
    )

    assert told == [
        "worker-0 (pid 10) was killed by SIGKILL",
        "worker-0 was started again by its supervisor: pid 11",
    ]
    assert news.restarts == 1


def test_where_the_metrics_are_is_kept() -> None:
    news = LogReader()

    assert len(list(news.read([{"event": "host_serves", "metrics": "http://127.0.0.1:1/metrics"}]))) == 1
    assert news.metrics_url == "http://127.0.0.1:1/metrics"


def test_a_change_of_a_providers_health_is_news() -> None:
    line = {"event": "provider_health_changed", "provider": "jellyfin", "healthy": False, "detail": "503"}

    assert list(LogReader().read([line])) == ["health probe: jellyfin is not healthy (503)"]


def test_other_lines_of_the_log_are_not() -> None:
    assert list(LogReader().read([{"event": "worker_started"}, {}])) == []
