"""What becomes of each line, whatever is wrong with it. Enqueueing itself is tested on a real server."""

import json
from collections.abc import Sequence
from typing import cast

import pytest

from leeward import Enqueued, IdempotencyConflict, JobState, Leeward, Request
from leeward.errors import ProviderDisabled, QueueFull
from leeward_admin import EnqueuedLine, LineOutcome, enqueue_lines

GOOD = json.dumps({"kind": "sync.user", "payload": {"user": "alice"}, "key": "a"})
ANSWERS = (
    (Enqueued("1", JobState.READY, duplicate=False), LineOutcome.ENQUEUED),
    (Enqueued("1", JobState.DONE, duplicate=True), LineOutcome.DUPLICATE),
    (IdempotencyConflict("a", "1"), LineOutcome.CONFLICT),
    (QueueFull("jellyfin", None, waiting=2, limit=2), LineOutcome.FULL),
    (ProviderDisabled("jellyfin"), LineOutcome.DISABLED),
)


class Answering:
    """Stands in for a client: says the same of every job."""

    def __init__(self, answer: object) -> None:
        self.answer = answer
        self.asked: list[Request] = []

    def enqueue_many(self, requests: Sequence[Request]) -> list[object]:
        self.asked += requests
        return [self.answer for _ in requests]


def outcomes(client: Answering, *lines: str) -> list[EnqueuedLine]:
    return list(enqueue_lines(cast("Leeward", client), lines))


@pytest.mark.parametrize(("answer", "outcome"), ANSWERS)
def test_each_answer_has_an_outcome(answer: object, outcome: LineOutcome) -> None:
    (line,) = outcomes(Answering(answer), GOOD)

    assert (line.number, line.outcome) == (1, outcome)
    assert (line.error is None) == isinstance(answer, Enqueued)


@pytest.mark.parametrize(
    ("line", "error"),
    [
        ("{", "Expecting"),
        ("[]", "a line is"),
        ('{"kind": "sync.usr"}', "did you mean sync.user?"),
        ('{"kind": "sync.user", "payload": {}}', "user: Field required"),
        ('{"kind": "sync.user", "payload": {"user": "a"}, "dely": "5s"}', "no such member: dely"),
        ('{"kind": "sync.user", "payload": {"user": "a"}, "delay": "soon"}', "soon"),
        ('{"kind": "sync.user", "payload": {"user": "a"}, "key": ""}', "idempotency key"),
    ],
)
def test_a_line_that_is_wrong_stops_no_other(line: str, error: str) -> None:
    client = Answering(ANSWERS[0][0])

    wrong, good = outcomes(client, line, "", GOOD)

    assert wrong.outcome is LineOutcome.INVALID
    assert error in str(wrong.error)
    assert (good.number, good.outcome) == (3, LineOutcome.ENQUEUED)
    assert len(client.asked) == 1
