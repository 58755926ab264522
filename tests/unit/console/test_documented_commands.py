"""Every command and every option of `leeward` that a document names exists."""

import re
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from console.cli.main import leeward
from tests.support.processes import ROOT

DOCUMENTS = [
    ROOT / "README.md",
    ROOT / "ARCHITECTURE.md",
    ROOT / "CHANGELOG.md",
    *sorted((ROOT / "docs").rglob("*.md")),
]
_SPAN = re.compile(r"`(leeward [^`\n]+)`")
_LINE = re.compile(r"^(?:\$ )?(leeward [^#\n]+)", re.MULTILINE)
_BLOCK = re.compile(r"^```(?:sh|console)?\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_OPTION = re.compile(r"(?<![\w-])--[a-z][a-z-]*")


def typed(text: str) -> Iterator[str]:
    yield from _SPAN.findall(text)
    for block in _BLOCK.findall(text):
        yield from _LINE.findall(block)


def problem_of(line: str) -> str | None:
    """What does not exist; None when all of it does. Alternatives are written `a|b`."""
    words = re.split(r"\s+", line.removeprefix("leeward ").removeprefix("--debug "))
    command: click.Command = leeward
    context = click.Context(leeward)
    path = ["leeward"]
    while isinstance(command, click.Group) and words and re.fullmatch(r"[a-z|-]+", words[0]) and words[0][0] != "-":
        names, *words = words
        found = [command.get_command(context, name) for name in names.split("|")]
        if None in found:
            return f"{' '.join(path)} has no command {names}"
        path.append(names)
        command = next(one for one in found if one is not None)
    known = {name for parameter in command.params for name in (*parameter.opts, *parameter.secondary_opts)} | {
        "--help",
        "--version",
    }
    unknown = [option for option in _OPTION.findall(line) if option not in known | {"--debug"}]
    return f"{' '.join(path)} has no option {unknown[0]}" if unknown else None


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_command_that_a_document_names_exists(document: Path) -> None:
    text = document.read_text()
    assert [problem for line in typed(text) if (problem := problem_of(line))] == []


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("leeward dlq lst", "leeward dlq has no command lst"),
        ("leeward dlq list --frm 2h", "leeward dlq list has no option --frm"),
        ("leeward queue pause|stop Q", "leeward queue has no command pause|stop"),
        ("leeward dlq list --since 2h --json", None),
    ],
)
def test_a_command_that_does_not_exist_is_found(line: str, problem: str | None) -> None:
    assert problem_of(line) == problem


def test_the_documents_name_most_commands() -> None:
    assert sum(1 for document in DOCUMENTS for _ in typed(document.read_text())) > 100
