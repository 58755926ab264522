"""Whether the installed extensions can be loaded and the configured providers are well, as a worker of this environment would find them."""

import json
import subprocess
import sys

from leeward.redaction import cleaned
from leeward_admin.checks.check import Check, Verdict

LONGEST_SECONDS = 120


def check_providers() -> list[Check]:
    """Loads the extensions in a process of their own, with this process's environment."""
    try:
        ended = subprocess.run(
            [sys.executable, "-m", "workers.composition.checkup"],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=LONGEST_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return [_failed(f"were not loaded and looked at within {LONGEST_SECONDS} s")]
    if ended.returncode or not ended.stdout:
        last = ended.stderr.strip().splitlines()[-1:]
        return [
            _failed(f"ended the process that loaded them, with exit code {ended.returncode}: {cleaned(''.join(last))}")
        ]
    found = json.loads(ended.stdout)
    return [Check(one["name"], Verdict(one["verdict"]), one["detail"]) for one in found]


def _failed(what: str) -> Check:
    return Check("extensions", Verdict.PROBLEM, f"the extensions or their providers {what}; workers would not start")
