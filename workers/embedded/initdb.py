"""Makes PostgreSQL's data directory."""

import os
import shutil
import subprocess
from pathlib import Path

from leeward.embedded.server_process import ServerDidNotStart
from workers.embedded.unprivileged import Unprivileged

_FLAGS = ("--auth=scram-sha-256", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync", "--no-instructions")


def make_data_directory(way: Unprivileged, data: Path, *, username: str, password_file: Path) -> None:
    """Works in a folder of another name first: an initdb that is killed leaves no half-made data behind.

    Raises:
        ServerDidNotStart: with what initdb said.
    """
    unfinished = data.with_name(f"{data.name}.unfinished")
    shutil.rmtree(unfinished, ignore_errors=True)
    way.hand_over(data.parent)
    done = subprocess.run(
        [*way.prefix, way.bindir / "initdb", "-D", unfinished, "-U", username, f"--pwfile={password_file}", *_FLAGS],
        cwd=data.parent,
        env={"PATH": os.defpath},
        capture_output=True,
        text=True,
        check=False,
        user=way.user,
        group=way.group,
        extra_groups=None if way.user is None else [],
    )
    if done.returncode != 0:
        raise ServerDidNotStart("postgres", done.stdout + done.stderr)
    unfinished.rename(data)
