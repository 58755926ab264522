"""Messages below the faces hold no command lines: a diagnosis or an error names an action, and each face renders that."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.processes import ROOT

FOLDERS = ("schemas/src/leeward", "broker", "storage", "middleware", "providers", "actors", "leeward_admin")
# `leeward up` is the name of a process that a message may be about.
_COMMAND_LINE = re.compile(r"\bleeward (?!up\b)(check|migrate|job|queues?|provider|accounts|dlq|enqueue|worker)\b")


def _messages(path: Path) -> Iterator[str]:
    tree = ast.parse(path.read_text())
    documents = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in documents:
            yield node.value


@pytest.mark.parametrize("folder", FOLDERS)
def test_no_message_holds_a_command_line(folder: str) -> None:
    found = {
        f"{path.relative_to(ROOT)}: {message}"
        for path in (ROOT / folder).rglob("*.py")
        for message in _messages(path)
        if _COMMAND_LINE.search(message)
    }

    # What names a connection at PostgreSQL is no message.
    assert {line for line in found if not re.search(r": leeward (check|migrate)$", line)} == set()
