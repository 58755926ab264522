"""How failed attempts are shown."""

from typing import Any

import pytest

from console.cli.jobs.failed_attempts import show_attempts
from console.cli.terminal.screen import Screen

FAILED: dict[str, Any] = {
    "at": "2026-11-30T12:00:00+00:00",
    "delivery": 1,
    "type": "Transient",
    "message": "no answer",
    "code": "ACME_TIMEOUT",
}


def test_an_attempt_is_shown_with_the_code_of_its_error_and_else_with_its_type(
    capsys: pytest.CaptureFixture[str],
) -> None:
    show_attempts(Screen(), "failed:", [FAILED, FAILED | {"at": None, "delivery": 2, "type": "KeyError", "code": None}])

    heading, first, second = capsys.readouterr().out.splitlines()
    assert (heading, second) == ("failed:", "  -  delivery 2  KeyError: no answer")
    assert first.endswith("  delivery 1  ACME_TIMEOUT: no answer")


def test_without_any_there_is_no_heading(capsys: pytest.CaptureFixture[str]) -> None:
    show_attempts(Screen(), "failed:", [])

    assert capsys.readouterr().out == ""
