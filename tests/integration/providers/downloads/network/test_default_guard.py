"""The default settings against a public and a private host: a network namespace gives loopback a public address."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import orjson
import pytest

from tests.support.processes import RunningProcess

UNSHARE = ["unshare", "--user", "--map-root-user", "--net"]
MODULE = "tests.integration.providers.downloads.public_network"


@pytest.fixture
def found(root: Path, start_process: Callable[..., RunningProcess]) -> dict[str, str | int]:
    try:
        subprocess.run([*UNSHARE, "true"], check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("needs `unshare` and user namespaces")
    process = start_process([*UNSHARE, sys.executable, "-m", MODULE, str(root)])
    return dict(orjson.loads(process.wait_for_output("result ", timeout=60).removeprefix("result ")))


def test_by_default_a_worker_reaches_public_hosts_only_whatever_names_and_redirects_say(
    found: dict[str, str | int],
) -> None:
    assert found == {
        "public": "1000 bytes",
        "private": "Permanent",
        "redirect to address": "Permanent",
        "redirect to name": "Permanent",
        "rebinding": "1000 bytes",
        "both": "1000 bytes",
        "requests at the private host": 0,
    }
