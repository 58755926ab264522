import logging
import traceback
from collections.abc import Callable
from typing import Any

import pytest

from leeward.extension.errors import ProviderError, Transient
from leeward.jobs.download.file import DownloadFile
from providers.downloads.downloader import Downloader
from simulators.faults import Effect, Rule, Stage
from simulators.files.server import FilesSimulator

SECRETS = ("pa55word", "t0ken", "s1gned")


@pytest.mark.parametrize(
    ("properties", "rules"),
    [
        ({"location": "http://169.254.169.254/?s1gned"}, []),
        ({"location": "ftp://user:pa55word@h/?s1gned"}, []),
        ({"location": "http://[::1?s1gned"}, []),
        ({"location": "/a.iso?s1gned"}, []),
        ({"size": 1000, "close_after_bytes": 10}, []),
        ({"size": 1000, "encoding": "gzip"}, []),
        ({}, [Rule(effect=Effect.STATUS, status=404)]),
        ({}, [Rule(effect=Effect.STATUS, status=503)]),
        ({"size": 1000}, [Rule(effect=Effect.RESET, stage=Stage.DURING)]),
        ({}, [Rule(effect=Effect.RESET)]),
    ],
    ids=str,
)
def test_no_error_and_no_log_tells_the_secrets_of_a_url(
    host: FilesSimulator,
    downloader: Downloader,
    caplog: pytest.LogCaptureFixture,
    properties: dict[str, Any],
    rules: list[Rule],
) -> None:
    host.publish("/a.iso", **properties)
    host.faults.set(*rules)
    url = host.url.replace("http://", "http://user:pa55word@") + "/a.iso?key=t0ken#s1gned"

    with caplog.at_level(logging.INFO), pytest.raises(ProviderError) as failed:
        downloader.fetch(DownloadFile(url=url, destination="a.iso"))

    told = "".join(traceback.format_exception(failed.value)) + caplog.text
    assert f"{host.url}/a.iso" in str(failed.value)
    assert not [secret for secret in SECRETS if secret in told]


def test_an_answer_that_cannot_be_read_is_not_quoted(downloader: Downloader, raw_host: Callable[[bytes], str]) -> None:
    url = raw_host(b"HTTP/1.1 302 Found\r\nLocation http://h/?s1gned\r\n\r\n")

    with pytest.raises(Transient) as failed:
        downloader.fetch(DownloadFile(url=url, destination="a"))

    assert "s1gned" not in "".join(traceback.format_exception(failed.value))


def test_a_finished_download_logs_no_url(
    host: FilesSimulator, downloader: Downloader, caplog: pytest.LogCaptureFixture
) -> None:
    host.publish("/a.iso", size=1000)

    with caplog.at_level(logging.INFO):
        downloader.fetch(DownloadFile(url=f"{host.url}/a.iso?key=t0ken", destination="a.iso"))

    assert "t0ken" not in caplog.text
