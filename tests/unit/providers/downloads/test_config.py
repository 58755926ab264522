from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from providers.downloads.config import DownloadConfig


def test_private_addresses_are_closed_unless_somebody_opens_them() -> None:
    assert DownloadConfig(root=Path("/srv/files")).allow_private_addresses is False


@pytest.mark.parametrize(
    ("options", "named"),
    [
        ({"root": Path("files")}, "root"),
        ({"connect_timeout": timedelta()}, "connect_timeout"),
        ({"read_timeout": timedelta(seconds=-1)}, "read_timeout"),
        ({"speed_window": timedelta()}, "speed_window"),
        ({"checkpoint_interval": timedelta(seconds=-1)}, "checkpoint_interval"),
        ({"progress_interval": timedelta(seconds=-1)}, "progress_interval"),
        ({"minimum_bytes_per_second": -1}, "minimum_bytes_per_second"),
        ({"maximum_redirects": -1}, "maximum_redirects"),
        ({"free_disk_reserve_bytes": -1}, "free_disk_reserve_bytes"),
        ({"chunk_bytes": 0}, "chunk_bytes"),
        ({"user_agent": "a\r\nX-Injected: b"}, "user_agent"),
    ],
)
def test_an_impossible_setting_is_refused_by_name(options: dict[str, Any], named: str) -> None:
    with pytest.raises(ValueError, match=named):
        DownloadConfig(**{"root": Path("/srv/files")} | options)


def test_all_problems_are_told_at_once() -> None:
    with pytest.raises(ValueError, match=r"chunk_bytes.*root"):
        DownloadConfig(root=Path("files"), chunk_bytes=0)
