"""nginx with a folder of files, on a free port of loopback."""

import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.waiting import wait_for
from leeward.embedded.death_signal import dies_with_parent
from leeward.embedded.free_port import free_port

NGINX = shutil.which("nginx", path="/usr/sbin:/usr/local/sbin:/usr/bin:/usr/local/bin")
CURL = shutil.which("curl")


class ProgramMissing(Exception):
    """Raised where nginx or curl is not installed: these figures have no other rival."""


def require_programs() -> None:
    """Raises ProgramMissing where one is."""
    missing = [name for name, found in (("nginx", NGINX), ("curl", CURL)) if found is None]
    if missing:
        raise ProgramMissing(f"{' and '.join(missing)} must be installed: apt-get install {' '.join(missing)}")


@contextmanager
def nginx(folder: Path, files: Path) -> Iterator[str]:
    """Yields its URL. `folder` is for what it needs itself."""
    port, log = free_port(), folder / "nginx.log"
    temporary = " ".join(
        f'{name}_temp_path "{folder}/{name}";' for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    configuration = folder / "nginx.conf"
    # As root, its workers would change to an account that may not read the folder.
    account = "user root;" if folder.owner() == "root" else ""
    configuration.write_text(
        f'{account} daemon off; worker_processes 2; pid "{folder}/nginx.pid"; events {{ }}\n'
        f"http {{ {temporary} access_log off; sendfile on; default_type application/octet-stream;\n"
        f'server {{ listen 127.0.0.1:{port}; root "{files}"; }} }}\n'
    )
    with subprocess.Popen(
        [str(NGINX), "-c", str(configuration), "-e", str(log)],
        stdin=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        preexec_fn=dies_with_parent(signal.SIGTERM),  # noqa: PLW1509 # system calls only, looked up before
    ) as process:
        try:
            wait_for((folder / "nginx.pid").exists, "nginx")
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()
