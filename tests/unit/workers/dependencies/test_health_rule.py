"""One failed check is no alarm, and one good one no recovery."""

from datetime import UTC, datetime, timedelta

import pytest

from broker.fleet.dependencies.findings import DependencyFinding
from workers.dependencies.health_rule import Answer, Check, judged

NOON = datetime(2026, 12, 1, 12, tzinfo=UTC)
ANSWERS = {"g": Answer.GOOD, "f": Answer.FAILING, "r": Answer.REFUSED}


def after(answers: str, *, every: int = 10) -> list[DependencyFinding]:
    found: list[DependencyFinding] = []
    for number, letter in enumerate(answers):
        at = NOON + timedelta(seconds=every * number)
        check = Check(answer=ANSWERS[letter], detail=letter, took=timedelta(0), at=at)
        found.append(judged(check, found[-1] if found else None))
    return found


@pytest.mark.parametrize(
    ("answers", "states"),
    [
        ("g", "healthy"),
        ("f", "degraded"),
        ("r", "unhealthy"),
        ("gfg", "healthy healthy healthy"),
        ("gff", "healthy healthy degraded"),
        ("grr", "healthy healthy unhealthy"),
        ("gffg", "healthy healthy degraded degraded"),
        ("gffgg", "healthy healthy degraded degraded healthy"),
        ("gfgfgf", "healthy healthy healthy healthy healthy healthy"),
        ("rrff", "unhealthy unhealthy unhealthy unhealthy"),
    ],
)
def test_two_checks_in_a_row_decide(answers: str, states: str) -> None:
    assert " ".join(one.state.value for one in after(answers)) == states


def test_what_is_degraded_for_a_minute_without_a_break_is_unhealthy() -> None:
    found = after("gfffffffff")

    assert [one.state.value for one in found[2:]] == ["degraded"] * 5 + ["unhealthy"] * 3
    assert found[-1].since == NOON + timedelta(seconds=70)
    assert found[-1].failing_since == NOON + timedelta(seconds=10)


def test_a_good_check_is_a_break() -> None:
    assert after("fffff" + "g" + "fffff")[-1].state.value == "degraded"
