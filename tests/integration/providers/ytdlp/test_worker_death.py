"""A worker that is killed takes its yt-dlp along, and no other one writes to the same film meanwhile."""

import subprocess
import sys
from pathlib import Path

import pytest

from providers.downloads.disk.part_lock import PartBusy
from providers.ytdlp.workspace import Workspace
from simulators.files.server import FilesSimulator
from tests.integration.providers.ytdlp.processes import part_bytes, running
from tests.support.waiting import wait_until

pytestmark = pytest.mark.costly

WORKER = """
import sys
from leeward.jobs.download.media import DownloadMedia
from providers.ytdlp.fetcher import Fetcher
from providers.ytdlp.settings import YtDlpSettings
root, url = sys.argv[1:]
Fetcher(YtDlpSettings(root=root, allow_private=True)).fetch(DownloadMedia(url=url, destination="a"))
"""


def _is_free(root: Path) -> bool:
    try:
        with Workspace.open(root, "a"):
            return True
    except PartBusy:
        return False


def test_a_killed_worker_takes_its_ytdlp_along(host: FilesSimulator, root: Path) -> None:
    host.publish("/film.mp4", size=50_000_000, bytes_per_second=500_000)
    worker = subprocess.Popen([sys.executable, "-c", WORKER, str(root), f"{host.url}/film.mp4"])
    try:
        wait_until(lambda: part_bytes(root) > 50_000, description="a part of the film is there", timeout=60)
        assert len(running(root)) == 1
        assert not _is_free(root)
    finally:
        worker.kill()
        worker.wait()

    wait_until(lambda: not running(root), description="yt-dlp has ended")
    wait_until(lambda: _is_free(root), description="the lock is free")
    assert part_bytes(root) > 0
