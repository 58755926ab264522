"""How long an idempotency key answers after its job has ended is one of the guards' numbers."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from tests.integration.broker.guards.guard_lab import GuardLab
from tests.integration.broker.lab import KEY_MS, Lab

Guarded = Callable[..., GuardLab]
HOUR_MS = 3_600_000


def kept_ms(lab: Lab) -> int:
    return lab.client.pttl(lab.keys.key("k"))


@pytest.mark.parametrize("end", ["done", "dead"])
def test_a_key_of_an_ended_job_answers_for_as_long_as_the_guards_say(guarded: Guarded, end: str) -> None:
    lab = guarded(key_kept=timedelta(hours=1))
    lab.enqueue("a", key="k")
    assert kept_ms(lab) == -1, "while its job lives it has no end"

    reason: dict[str, Any] = {"dead": {"reason": "permanent", "error": "{}"}}.get(end, {})
    lab.settle(lab.admit(1).jobs[0], end, key="k", **reason)

    assert HOUR_MS - 60_000 < kept_ms(lab) <= HOUR_MS
    assert [verdict for _, verdict, *_ in lab.enqueue("b", key="k")] == ["duplicate"]


def test_so_does_the_key_of_a_crash_loop(guarded: Guarded) -> None:
    lab = guarded(key_kept=timedelta(hours=1))
    lab.enqueue("a", key="k")
    for _ in range(3):
        lab.admit(1)
        lab.expire_leases()
    lab.admit(1)

    assert lab.status("a") == "dead"
    assert HOUR_MS - 60_000 < kept_ms(lab) <= HOUR_MS


def test_an_operators_change_holds_for_the_next_job_that_ends(guarded: Guarded) -> None:
    lab = guarded()
    lab.enqueue("a", key="k")
    (job,) = lab.admit(1).jobs
    lab.steer("set", "key_kept_ms", HOUR_MS)
    lab.settle(job, "done", key="k")

    assert kept_ms(lab) <= HOUR_MS


def test_without_guards_a_key_answers_for_24_hours(lab: Lab) -> None:
    lab.enqueue("a", key="k")
    lab.settle(lab.admit(1).jobs[0], "done", key="k")

    assert KEY_MS - 60_000 < kept_ms(lab) <= KEY_MS
