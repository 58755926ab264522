"""Long answers on a terminal, shown a page at a time."""

import os
import shlex
import shutil
import subprocess
from contextlib import suppress

PAGER = "less"
OPTIONS = "FRX"
"""Of `less`: end at once what fits on the screen, keep colours, leave the text on the terminal."""
CUT_LINES = "S"
"""Do not continue a long line below; the arrow keys move it."""


def paged(text: str, *, cut_lines: bool = False) -> bool:
    """Shows a text with the program that `PAGER` names, `less` by default; false where there is none, and nothing was shown."""
    command = shlex.split(os.environ.get("PAGER", PAGER))
    if not command or shutil.which(command[0]) is None:
        return False
    environment = {"LESS": OPTIONS + (CUT_LINES if cut_lines else ""), **os.environ}
    # A pager that is left early has closed its end.
    with subprocess.Popen(command, stdin=subprocess.PIPE, env=environment) as pager, suppress(BrokenPipeError):
        pager.communicate(text.encode())
    return True
