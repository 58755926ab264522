"""A folder has few enough files to be read at a glance."""

import subprocess
from collections import Counter
from pathlib import Path, PurePosixPath

ROOT = Path(__file__).resolve().parents[3]
MOST = 16
SOURCES = {".py", ".lua"}


def test_no_folder_holds_more_than_sixteen_source_files() -> None:
    tracked = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    files = [PurePosixPath(file) for file in tracked.splitlines()]
    held = Counter(
        str(file.parent)
        for file in files
        if file.suffix in SOURCES and file.name != "__init__.py" and file.parts[:2] != ("docs", "adr")
    )

    assert {folder: count for folder, count in held.items() if count > MOST} == {}
