"""Writes docs/screens.md: what the command draws of a sample on a terminal of 80 columns. `--check` only compares."""

import argparse
import io
import os
import sys
from collections.abc import Callable
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any

from console.cli.queues import QueueRow, show_queues
from console.cli.status.answer import show
from console.cli.status.listings import WORKERS
from console.cli.terminal.screen import Form, Screen
from script import sample_fleet

PAGE = Path(__file__).resolve().parents[1] / "docs" / "screens.md"
WIDTH = 80
INTRODUCTION = """# Screens

What the `leeward` command shows on a terminal of 80 columns. `script/export-screens` writes this page: it draws a sample
fleet with the command's own code. On a terminal, states and needs are coloured.

"""

Draw = Callable[[Screen], None]


def _status(screen: Screen) -> None:
    show(screen, sample_fleet.STATUS, every_queue=False)


def _workers(screen: Screen) -> None:
    screen.listing(WORKERS, sample_fleet.WORKERS, now=sample_fleet.NOW)


def _queues(screen: Screen) -> None:
    show_queues(screen, [QueueRow(state, served=True) for state in sample_fleet.QUEUES], every=False)


SCREENS: dict[str, tuple[str, Draw]] = {
    "leeward": ("The fleet at a glance; `leeward status` is the same.", _status),
    "leeward workers": ("The worker processes.", _workers),
    "leeward queues": ("The queues in which jobs wait, or that are not active.", _queues),
}


def page() -> str:
    """The whole page."""
    parts = [
        f"## `{typed}`\n\n{said}\n\n```console\n$ {typed}\n{_drawn(draw)}```\n"
        for typed, (said, draw) in SCREENS.items()
    ]
    return INTRODUCTION + "\n".join(parts)


def differs() -> bool:
    """Whether the page is not what would be written."""
    return not PAGE.exists() or PAGE.read_text(encoding="utf-8") != page()


def _drawn(draw: Draw) -> str:
    written = io.BytesIO()
    with _of_width(WIDTH), redirect_stdout(io.TextIOWrapper(written, encoding="utf-8")) as stream:
        with redirect_stderr(stream):
            draw(Screen(Form.TABLE, pages=False))
        stream.flush()
    return written.getvalue().decode()


@contextmanager
def _of_width(width: int) -> Any:
    before = {name: os.environ.get(name) for name in ("COLUMNS", "TERM")}
    os.environ.update(COLUMNS=str(width), TERM="xterm")
    try:
        yield
    finally:
        for name, value in before.items():
            os.environ.pop(name, None)
            os.environ.update({} if value is None else {name: value})


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="only compare")
    if parser.parse_args().check:
        return int(differs())
    PAGE.write_text(page(), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
