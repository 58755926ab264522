"""The lists of commands in `--help`."""

from collections.abc import Iterator

import click
import pytest

from console.cli.main import leeward


def _groups(group: click.Group, context: click.Context) -> Iterator[tuple[click.Group, click.Context]]:
    yield group, context
    for name in group.list_commands(context):
        found = group.get_command(context, name)
        if isinstance(found, click.Group):
            yield from _groups(found, click.Context(found, parent=context, info_name=name))


@pytest.mark.parametrize("width", [60, 80])
def test_no_command_s_sentence_is_cut_off_whatever_the_width(width: int) -> None:
    root = click.Context(leeward, info_name="leeward", terminal_width=width)

    helped = {context.command_path: group.get_help(context) for group, context in _groups(leeward, root)}

    assert {"leeward dlq", "leeward dlq filter", "leeward provider", "leeward job"} <= helped.keys()
    assert [path for path, text in helped.items() if "..." in text.partition("Commands:")[2]] == []
