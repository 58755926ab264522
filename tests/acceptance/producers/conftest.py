"""One fleet with a mail relay for all services of this folder."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeAlias

import pytest

from actors.email import extension
from leeward.testing import fleet_with
from simulators.mail.server import MailSimulator

SERVICES = Path(__file__).parent / "services"
Run: TypeAlias = Callable[..., str]

collect_ignore = ["services"]
"""Projects of their own, which their own pytest runs."""


@pytest.fixture(scope="package")
def mail() -> Iterator[MailSimulator]:
    with MailSimulator() as simulator:
        yield simulator


@pytest.fixture(scope="package")
def fleet_url(mail: MailSimulator) -> Iterator[str]:
    """Of a fleet whose worker sends the mails."""
    relay = {"host": "127.0.0.1", "port": mail.port, "tls": "none", "sender": "club@example.org"}
    with fleet_with(extension, {"smtp": relay}) as fleet:
        yield fleet.url


@pytest.fixture
def run() -> Run:
    """Runs a program in the folder of a service, as its author would; returns what it prints."""

    def run(service: str, *arguments: str | Path, **environment: str) -> str:
        folder = SERVICES / service
        own = {"PATH": os.environ["PATH"], "PYTHONPATH": str(folder), "PYTHONDONTWRITEBYTECODE": "1", **environment}
        command = [sys.executable, *map(str, arguments)]
        done = subprocess.run(command, cwd=folder, env=own, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    return run
