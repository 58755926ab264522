"""The exit code of many lines."""

from collections import Counter

import pytest

from console.cli.exit_code import ExitCode
from console.cli.jobs.enqueue import _verdict
from leeward_admin.jobs.lines import LineOutcome

REFUSED = set(LineOutcome) - {LineOutcome.ENQUEUED, LineOutcome.DUPLICATE, LineOutcome.CONFLICT}


@pytest.mark.parametrize("outcome", sorted(REFUSED))
def test_a_line_that_was_refused_is_a_failure_whatever_the_reason(outcome: LineOutcome) -> None:
    assert _verdict(Counter({outcome.value: 1, "enqueued": 5})) is ExitCode.FAILED


def test_a_key_of_other_work_is_a_conflict_and_a_repeated_line_is_none() -> None:
    assert _verdict(Counter({"conflict": 1, "enqueued": 1})) is ExitCode.CONFLICT
    assert _verdict(Counter({"conflict": 1, "invalid": 1})) is ExitCode.FAILED
    assert _verdict(Counter({"duplicate": 2, "enqueued": 1})) is ExitCode.OK
