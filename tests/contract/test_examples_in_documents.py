"""Every Python example of the README and the documents passes a strict type checker, as it would at another service's desk."""

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
BLOCK = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)
GIVEN = {
    "README.md": "files: list[tuple[str, str]] = []\n",
    "docs/periodic-actors.md": "from datetime import timedelta\nimport dramatiq\nfrom periodiq import cron\n",
}
"""What a document takes as given, before its examples."""
ALLOWED = ["periodiq"]
"""Has no types of its own."""
MORE = """
from pydantic import HttpUrl

from leeward import DownloadFile, Leeward, QueueFull, Request, SendEmail, SyncUser
from leeward.errors import Refused

url = DownloadFile(url="https://example.org/a", destination="a").url
length: int = len(url.removeprefix("https://"))
names: list[str] = ["a"]
jobs = [Request(DownloadFile(url=f"https://example.org/{name}", destination=name, size_bytes=None)) for name in names]
more = [Request(SyncUser(user=name), delay=None) for name in names]
mail = SendEmail(to=tuple(names), subject="Hi", text="Hello", values={"a": [1]})
with Leeward("redis://127.0.0.1") as fleet:
    answers = fleet.enqueue_many([*jobs, *more])
    ids: list[str] = [one.job_id for one in answers if not isinstance(one, Refused)]
    room: list[int] = [one.room for one in answers if isinstance(one, QueueFull)]
"""


@pytest.fixture(scope="module")
def examples(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("examples")
    (folder / "more.py").write_text(MORE)
    for name, code in _blocks():
        (folder / f"{name}.py").write_text(code)
    settings = "".join(f"[mypy-{module}.*]\nignore_missing_imports = true\n" for module in ALLOWED)
    (folder / "mypy.ini").write_text(f"[mypy]\nstrict = true\nfollow_imports = silent\n{settings}")
    return folder


def _blocks() -> Iterator[tuple[str, str]]:
    for document in [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]:
        if document.name in {"extending.md", "producers.md"}:
            continue  # show parts of examples that are checked and run: test_extending_document.py, tests/acceptance/producers
        path = str(document.relative_to(ROOT))
        for number, block in enumerate(BLOCK.findall(document.read_text()), start=1):
            yield f"{document.stem.lower().replace('-', '_')}_{number}", GIVEN.get(path, "") + block


def test_the_readme_has_an_example() -> None:
    assert any(name.startswith("readme") for name, _ in _blocks())


def test_mypy_has_nothing_to_say(examples: Path) -> None:
    command = [
        sys.executable,
        "-m",
        "mypy",
        "--config-file",
        "mypy.ini",
        "--cache-dir",
        str(ROOT / ".mypy_cache" / "examples"),
    ]
    done = subprocess.run([*command, "."], cwd=examples, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stdout + done.stderr


def test_pyright_has_nothing_to_say(examples: Path) -> None:
    pyright = shutil.which("pyright")
    if pyright is None:
        pytest.skip("pyright is not installed")
    command = [pyright, "--pythonpath", sys.executable, *map(str, examples.glob("*.py"))]
    done = subprocess.run(command, cwd=examples, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stdout + done.stderr
