"""Extensions are imported in a process of their own: what one of them does at import must not end the process that asks."""

import json
import subprocess
import sys
from typing import Any

from leeward.errors import NotReady
from leeward.redaction import cleaned

LONGEST_SECONDS = 120


class ExtensionsNotLoaded(NotReady):
    """Raised when the process that imports the extensions gave no answer."""

    code = "extensions_not_loaded"


def answer_of(module: str) -> Any:
    """What a module writes as JSON that is run with this process's environment.

    Raises:
        ExtensionsNotLoaded: it wrote nothing, or not in time.
    """
    try:
        ended = subprocess.run(
            [sys.executable, "-m", module],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=LONGEST_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise ExtensionsNotLoaded(f"were not loaded and looked at within {LONGEST_SECONDS} s") from None
    if ended.returncode or not ended.stdout:
        last = cleaned("".join(ended.stderr.strip().splitlines()[-1:]))
        raise ExtensionsNotLoaded(f"ended the process that loaded them, with exit code {ended.returncode}: {last}")
    return json.loads(ended.stdout)
