from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from leeward.jobs.download.media import Container, DownloadMedia
from providers.ytdlp.arguments import arguments
from providers.ytdlp.child.order import Order
from providers.ytdlp.settings import YtDlpSettings

WORK = Path("/media/.leeward-media/0/work")


def _job(**fields: Any) -> DownloadMedia:
    return DownloadMedia(**{"url": "https://example.org/watch?v=-x", "destination": "Films/A"} | fields)


def _arguments(job: DownloadMedia, **settings: Any) -> tuple[str, ...]:
    return arguments(job, YtDlpSettings(**{"root": Path("/media")} | settings), WORK)


def test_nothing_of_a_users_own_configuration_is_read() -> None:
    asked = _arguments(_job())

    assert {"--ignore-config", "--no-plugin-dirs", "--no-cache-dir", "--no-update", "--no-remote-components"} <= {
        *asked
    }
    assert "--proxy=" in asked


def test_the_address_is_the_last_word_and_no_option() -> None:
    assert _arguments(_job())[-2:] == ("--", "https://example.org/watch?v=-x")


@pytest.mark.parametrize("value", ["--exec=reboot", "-x", "bv*+ba/b", "best --exec reboot"])
def test_a_format_is_no_option(value: str) -> None:
    asked = _arguments(_job(format=value))

    assert f"--format={value}" in asked
    assert value not in asked


@pytest.mark.parametrize(
    "fields",
    [
        {"url": "--exec=reboot"},
        {"url": "file:///etc/passwd"},
        {"url": "ytsearch:film"},
        {"url": "ftp://h/a"},
        {"destination": "a\nb"},
        {"destination": ""},
        {"format": "a\0b"},
        {"container": "exe"},
        {"size_limit_bytes": 0},
    ],
)
def test_a_job_cannot_hold_anything_else(fields: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        _job(**fields)


def test_a_container_is_asked_for_without_encoding() -> None:
    asked = _arguments(_job(container=Container.MKV))

    assert {"--remux-video=mkv", "--merge-output-format=mkv"} <= {*asked}
    assert not any(word.startswith("--recode") for word in asked)


def test_settings_of_the_instance_are_passed_on() -> None:
    asked = _arguments(
        _job(),
        socket_timeout="7s",
        ffmpeg=Path("/opt/ffmpeg"),
        cookies_file=Path("/run/secrets/cookies"),
        proxy="http://ada:hunter2@proxy:3128",
    )

    assert "--socket-timeout=7" in asked
    assert "--ffmpeg-location=/opt/ffmpeg" in asked
    assert f"--cookies={WORK}/cookies.txt" in asked
    assert "--proxy=http://ada:hunter2@proxy:3128" in asked


def test_an_order_is_read_as_it_was_written() -> None:
    for order in (
        Order(arguments=("--", "https://h/a"), folder=WORK),
        Order(arguments=(), folder=WORK, allow_private=True, proxy=("proxy", 3128), ca_file=Path("/ca.pem")),
    ):
        assert Order.read(order.line()) == order
