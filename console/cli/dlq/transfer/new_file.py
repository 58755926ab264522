"""A file that is there when it is complete, or not at all."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import IO

from console.cli.exit_code import Failed


@contextmanager
def new_file(target: Path) -> Iterator[IO[str]]:
    """A file to write text to, which takes its name at the end, and only if nothing was raised. Only its owner can read it.

    Raises:
        Failed: the name is taken, at the beginning or by then.
        OSError: the folder cannot be written to, or is full.
    """
    if target.exists():
        raise _taken(target)
    # In the same folder: a name can only be given within a file system. Made with mode 0600: what failed is about people.
    with NamedTemporaryFile(
        "w", encoding="utf-8", newline="", dir=target.parent, prefix=f".{target.name}.", suffix=".partial", delete=False
    ) as file:
        partial = Path(file.name)
        try:
            yield file
            file.flush()
            os.fsync(file.fileno())
            # Unlike a rename this takes no name that another program has created in the meantime.
            os.link(partial, target)
        except FileExistsError:
            raise _taken(target) from None
        finally:
            with suppress(FileNotFoundError):
                partial.unlink()


def _taken(target: Path) -> Failed:
    return Failed(f"{target} exists: give another name, or remove it first")
