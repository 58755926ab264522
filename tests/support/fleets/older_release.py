"""The release of commit 9d156d6, whose workers may run beside those of this one. It is taken from the history of the repository."""

import io
import os
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

from tests.support.fleets.fleet import Program
from tests.support.processes import ROOT

COMMIT = "9d156d65571b5c4597304b0880a673cdc13c500a"


def unpack_older_release(folder: Path) -> Path:
    """Its source; skips the test where there is no history, as in an unpacked archive or a shallow clone."""
    command = ["git", "-C", str(ROOT), "archive", "--format=tar", COMMIT]
    try:
        archive = subprocess.run(command, capture_output=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError):
        pytest.skip(f"needs git and the repository's history with commit {COMMIT[:7]}: clone it whole")
    with tarfile.open(fileobj=io.BytesIO(archive)) as found:
        if hasattr(tarfile, "data_filter"):  # not before Python 3.11.4
            found.extraction_filter = tarfile.data_filter
        found.extractall(folder)  # of this repository
    return folder


def older_program(source: Path) -> Program:
    """`leeward` of that release, with this environment's Python and packages."""
    code = "import sys; sys.argv[0] = 'leeward'; from console.main import main; main()"
    path = {"PYTHONPATH": f"{source / 'schemas' / 'src'}:{source}"}
    found = subprocess.run(
        [sys.executable, "-c", "import broker, leeward; print(broker.__file__, leeward.__file__, sep=chr(10))"],
        env={**os.environ, **path},
        cwd=source,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.splitlines()
    assert all(Path(file).is_relative_to(source) for file in found), found
    return Program([sys.executable, "-c", code], path, source)
