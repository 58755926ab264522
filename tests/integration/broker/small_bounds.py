"""The scripts with small bounds, so that a handful of jobs is as many as a million to them."""

import hashlib
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest import mock

from leeward.wire.script import Script
from leeward.wire.script_source import source
from tests.integration.broker import lab

BOUNDS = {
    "SHORT": 2,
    "SWEPT": 3,
    "SWEEP_EVERY": 2,
    "COUNTED_ONE_BY_ONE": 1,
    "PASSED_OVER": 4,
    "CHECKED_AT_ONCE": 1,
}


def bounded(text: str) -> str:
    """Every bound that the text sets is small."""
    for name, bound in BOUNDS.items():
        text = re.sub(rf"^local {name} = \d+$", f"local {name} = {bound}", text, flags=re.MULTILINE)
    return text.replace("local SWEPT, SWEEP_EVERY = 1000, 500", "local SWEPT, SWEEP_EVERY = 3, 2")


def _bounded_script(script: Script) -> Script:
    small = object.__new__(Script)
    small.text = bounded(script.text)
    small.digest = hashlib.sha1(small.text.encode(), usedforsecurity=False).hexdigest()
    return small


@contextmanager
def small_bounds() -> Iterator[None]:
    """While it lasts, every script of a `Lab` has small bounds."""
    scripts = {name: value for name, value in vars(lab).items() if isinstance(value, Script)}
    small: dict[str, Any] = {name: _bounded_script(script) for name, script in scripts.items()}
    with mock.patch.multiple(lab, **small):
        yield


def ready_text() -> str:
    return bounded(source("broker.scripts", "ready.lua"))
