"""Completion reads a file: it waits for no server, and loads nothing that a server needs."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from console.cli.completion.kept_names import keep_names

NAMES = {"queues": ["sync.media", "email.smtp"], "providers": ["media"], "kinds": ["sync.user"]}
HEAVY = {"redis", "sqlalchemy", "dramatiq", "pydantic", "rich", "leeward_admin"}
PROGRAM = f"""
import sys, atexit
from console.cli.main import main
atexit.register(lambda: print(*({HEAVY!r} & sys.modules.keys()) or ['light'], file=sys.stderr))
main()
"""


@pytest.mark.parametrize(
    ("words", "completed"),
    [
        ("leeward queue pause ", NAMES["queues"]),
        ("leeward queue pause e", ["email.smtp"]),
        ("leeward provider show ", NAMES["providers"]),
        ("leeward enqueue ", NAMES["kinds"]),
        ("leeward dlq list --queue s", ["sync.media"]),
        ("leeward dlq list --reason ex", ["exhausted", "expired"]),
        ("leeward dlq li", ["list"]),
    ],
)
def test_a_shell_gets_names_without_a_server_and_without_heavy_imports(
    words: str, completed: list[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    keep_names(NAMES)
    parts = words.split(" ")
    environment = os.environ | {
        "_LEEWARD_COMPLETE": "bash_complete",
        "COMP_WORDS": words,
        "COMP_CWORD": str(len(parts) - 1),
    }
    ended = subprocess.run([sys.executable, "-c", PROGRAM], env=environment, capture_output=True, text=True, check=True)

    assert [line.partition(",")[2] for line in ended.stdout.splitlines()] == completed
    assert ended.stderr.split() == ["light"]
