"""A Procfile is read line by line, and never by a shell."""

import pytest

from workers.supervisor import InvalidProcfile, read_procfile


def test_names_and_commands_keep_their_order() -> None:
    text = "# the fleet\n\nworker: leeward worker --name 'two words'\n  scheduler:leeward scheduler\n"

    assert list(read_procfile(text).items()) == [
        ("worker", ("leeward", "worker", "--name", "two words")),
        ("scheduler", ("leeward", "scheduler")),
    ]


def test_nothing_is_expanded() -> None:
    assert read_procfile("web: run $HOME *.py; rm -rf x")["web"] == ("run", "$HOME", "*.py;", "rm", "-rf", "x")


@pytest.mark.parametrize(
    ("text", "line", "problem"),
    [
        ("worker: one\nno colon here", 2, "is not `name: command`"),
        ("worker:", 1, "is not `name: command`"),
        ("wor ker: one", 1, "is not `name: command`"),
        ("worker: one\n\nworker: two", 3, "occurs twice"),
        ("worker: say 'one", 1, "No closing quotation"),
        ("# nothing\n", 0, "names no process"),
    ],
)
def test_what_cannot_be_understood_is_named_with_its_line(text: str, line: int, problem: str) -> None:
    with pytest.raises(InvalidProcfile, match=problem) as invalid:
        read_procfile(text)

    assert invalid.value.line == line
