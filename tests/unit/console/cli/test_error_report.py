"""Errors on the command line."""

import pytest

from console.cli.error_report import explain
from console.cli.exit_code import ExitCode, Failed
from leeward import IdempotencyConflict, JobNotFound, MessageTooLarge
from leeward.errors import Conflict, Unusable
from leeward_admin import InvalidCorrection, SchemaMissing, ServerUnreachable, UnknownQueue


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (IdempotencyConflict("key", "job"), ExitCode.CONFLICT),
        (JobNotFound("gone"), ExitCode.NOT_FOUND),
        (MessageTooLarge("job", 2, 1), ExitCode.FAILED),
        (FileNotFoundError(2, "No such file or directory", "mail.json"), ExitCode.FAILED),
        (Unusable("no type acme"), ExitCode.UNUSABLE),
        (UnknownQueue("sync.jelyfin", ["sync.jellyfin"]), ExitCode.NOT_FOUND),
        (ServerUnreachable("Valkey", "redis://127.0.0.1", "refused"), ExitCode.UNREACHABLE),
        (InvalidCorrection("state: no such field"), ExitCode.FAILED),
        (Failed("as it says", ExitCode.CONFLICT), ExitCode.CONFLICT),
    ],
)
def test_an_error_that_was_foreseen_has_its_code(error: Exception, code: ExitCode) -> None:
    told = explain(error)

    assert told is not None
    assert told[1] is code
    assert "\n" not in told[0]


def test_an_error_says_what_to_type_where_something_can_be_done() -> None:
    assert explain(UnknownQueue("x", [])) == ("there is no queue x: see `leeward queues`", ExitCode.NOT_FOUND)
    assert explain(SchemaMissing()) == (
        "the database does not have the tables of this release: run `leeward migrate`",
        ExitCode.FAILED,
    )


def test_no_error_shows_a_password() -> None:
    told = explain(Conflict("redis://:hunter2@127.0.0.1:6379/0 is in use"))

    assert told is not None
    assert "hunter2" not in told[0]


def test_a_bug_of_ours_is_not_taken_for_anything_else() -> None:
    assert explain(KeyError("x")) is None
    assert explain(RuntimeError("x")) is None
