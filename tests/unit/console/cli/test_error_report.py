"""Errors on the command line."""

import pytest

from console.cli.error_report import explain
from console.cli.exit_code import ExitCode, Failed
from leeward import IdempotencyConflict, JobNotFound, MessageTooLarge


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (IdempotencyConflict("key", "job"), ExitCode.CONFLICT),
        (JobNotFound("gone"), ExitCode.NOT_FOUND),
        (MessageTooLarge("job", 2, 1), ExitCode.FAILED),
        (FileNotFoundError(2, "No such file or directory", "mail.json"), ExitCode.FAILED),
        (Failed("as it says", ExitCode.CONFLICT), ExitCode.CONFLICT),
    ],
)
def test_an_error_that_was_foreseen_has_its_code(error: Exception, code: ExitCode) -> None:
    told = explain(error)

    assert told is not None
    assert told[1] is code
    assert "\n" not in told[0]


def test_a_bug_of_ours_is_not_taken_for_anything_else() -> None:
    assert explain(KeyError("x")) is None
    assert explain(RuntimeError("x")) is None
