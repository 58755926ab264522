"""Everything that runs: a folder that did not exist before, three simulators, and a fleet with servers of its own."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from console.cli.exit_code import Failed
from demo import scenario
from demo.pace import Pace
from demo.processes.fleet import Fleet
from demo.processes.simulator import Simulator
from leeward.duration import duration_text
from leeward_admin.admin import Admin, opened
from workers.processes.addresses import published
from workers.settings.settings import Settings, environment_with

SIMULATORS = ("jellyfin", "mail", "files")
_DRAIN = timedelta(seconds=3)
_GUARDS = """\
[providers.jellyfin]
open_for = "{open_for}s"
open_at_most = "{open_for}s"
ramp = "2s"

[providers.smtp]
rate = 0
limit = 8

[providers.http]
limit = 6
"""
"""For a short demonstration the circuit is probed sooner than in production."""


@dataclass(frozen=True, slots=True)
class Environment:
    """Attributes:
    folder: everything is in it.
    env: an environment without any setting of the person who watches.
    downloads: where the fleet's files arrive.
    admin: the fleet, as the commands see it.
    """

    folder: Path
    env: dict[str, str]
    jellyfin: Simulator
    mail: Simulator
    files: Simulator
    downloads: Path
    fleet: Fleet
    admin: Admin

    @property
    def simulators(self) -> tuple[Simulator, ...]:
        return (self.jellyfin, self.mail, self.files)

    @property
    def valkey_url(self) -> str:
        """With its password.

        Raises:
            Failed: the fleet has ended.
        """
        addresses = published(self.data_dir)
        if addresses is None:
            raise Failed(f"the fleet has ended: {self.fleet.child.last_words()}")
        return addresses.valkey_url

    @property
    def data_dir(self) -> Path:
        return self.folder / "fleet"


@contextmanager
def set_up(pace: Pace) -> Iterator[Environment]:
    """Starts everything; at the end all of it is stopped and removed.

    Raises:
        Failed: something did not start.
    """
    env = {name: text for name, text in environment_with().items() if not name.startswith("LEEWARD_")}
    with ExitStack() as stack:
        folder = _folder(stack)
        data_dir, downloads = folder / "fleet", folder / "downloads"
        for path in (data_dir, downloads, folder / "tmp"):
            path.mkdir()
            _open_to_nobody(path)
        env["TMPDIR"] = str(folder / "tmp")  # what is killed leaves its temporary files here
        simulators = [stack.enter_context(Simulator(name, folder=folder, env=env)) for name in SIMULATORS]
        for simulator in simulators:
            simulator.await_readiness()
        jellyfin, mail, files = simulators
        config = folder / "leeward.toml"
        config.write_text(_GUARDS.format(open_for=int(pace.open_for.total_seconds())))
        settings = _settings(pace, data_dir, downloads, jellyfin=jellyfin, mail=mail) | {"LEEWARD_CONFIG": str(config)}
        fleet = stack.enter_context(Fleet(folder=folder, env=env | settings))
        fleet.await_readiness()
        admin = stack.enter_context(opened(Settings.load(settings)))
        yield Environment(folder, env, jellyfin, mail, files, downloads, fleet, admin)


def _folder(stack: ExitStack) -> Path:
    folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="leeward demo ", ignore_cleanup_errors=True)))
    _open_to_nobody(folder)
    return folder


def _open_to_nobody(folder: Path) -> None:
    """For root alone, whose PostgreSQL runs as `nobody` where there are no user namespaces: it may pass, and not look."""
    if os.geteuid() == 0:
        folder.chmod(0o711)


def _settings(pace: Pace, data_dir: Path, downloads: Path, *, jellyfin: Simulator, mail: Simulator) -> dict[str, str]:
    return {
        "LEEWARD_DATA_DIR": str(data_dir),
        "LEEWARD_HTTP_PORT": "0",
        "LEEWARD_LOG_FORMAT": "json",
        "LEEWARD_LEASE": duration_text(pace.lease),
        "LEEWARD_DRAIN": duration_text(_DRAIN),
        "LEEWARD_JELLYFIN_URL": jellyfin.url,
        "LEEWARD_JELLYFIN_TOKEN": scenario.JELLYFIN_TOKEN,
        "LEEWARD_SMTP_HOST": "127.0.0.1",
        "LEEWARD_SMTP_PORT": str(mail.port),
        "LEEWARD_SMTP_TLS": "none",
        "LEEWARD_SMTP_SENDER": scenario.SENDER,
        "LEEWARD_DOWNLOAD_ROOT": str(downloads),
        "LEEWARD_DOWNLOAD_ALLOW_PRIVATE": "true",
    }
