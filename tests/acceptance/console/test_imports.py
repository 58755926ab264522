"""A command imports what talks to the servers that it asks, and nothing else: imports are most of a short command's time."""

import subprocess
import sys

import pytest

from tests.acceptance.console.leeward import Command

HEAVY = frozenset(
    [
        "alembic",
        "dramatiq",
        "httpx",
        "jinja2",
        "pendulum",
        "periodiq",
        "prometheus_client",
        "psycopg",
        "pydantic",
        "redis",
        "rich",
        "sqlalchemy",
        "structlog",
    ]
)
PROGRAM = (
    f"""
import sys
from console.cli.main import leeward
from console.cli.running import run
code = run(leeward, sys.argv[1:])
print(*{sorted(HEAVY)!r} & sys.modules.keys(), file=sys.stderr)
sys.exit(code)
""".replace("[", "{")
    .replace("]", "}")
    .replace("sys.argv{1:}", "sys.argv[1:]")
)
SETTINGS = {"pydantic"}
VALKEY = SETTINGS | {"redis"}
DEAD_LETTERS = SETTINGS | {"sqlalchemy", "psycopg", "redis"}
"""The settings check the address of Valkey, too, which takes its client."""


@pytest.mark.parametrize(
    ("arguments", "needed"),
    [
        (["--version"], set()),
        (["--help"], set()),
        (["dlq", "list", "--help"], set()),
        (["queues", "--json"], VALKEY),
        (["provider", "list", "--json"], VALKEY),
        (["dlq", "list", "--json"], DEAD_LETTERS),
        (["dlq", "groups", "--json"], DEAD_LETTERS),
        (["accounts", "list", "--json"], DEAD_LETTERS),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_a_command_imports_only_what_it_needs(leeward: Command, arguments: list[str], needed: set[str]) -> None:
    ended = subprocess.run(
        [sys.executable, "-c", PROGRAM, *arguments],
        env=leeward.environment,
        cwd=leeward.folder,
        capture_output=True,
        text=True,
        check=False,
    )

    assert ended.returncode == 0, ended.stderr
    assert set(ended.stderr.splitlines()[-1].split()) <= needed
