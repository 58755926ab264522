"""Whether a replay went well, and how careful it is where nothing was chosen."""

from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

import pytest

from leeward.actions import CancelReplay, ResumeReplay
from leeward_admin import Filter, ItemOutcome, Progress, Replay, ReplayState, ReplayVerdict, Rules, careful_rules

NOW = datetime(2026, 11, 30, tzinfo=UTC)
REPLAY = Replay(
    id=UUID(int=1),
    state=ReplayState.FINISHED,
    version=1,
    cause=None,
    who="ada",
    note="",
    filter={},
    rules=Rules(),
    letters=2,
    origin=None,
    created_at=NOW,
    started_at=NOW,
    ended_at=NOW,
)


@pytest.mark.parametrize(
    ("state", "counts", "verdict"),
    [
        (ReplayState.FINISHED, {ItemOutcome.DONE: 2}, ReplayVerdict.WELL),
        (ReplayState.FINISHED, {ItemOutcome.DONE: 1, ItemOutcome.REFUSED: 1}, ReplayVerdict.WRONG),
        (ReplayState.FINISHED, {ItemOutcome.DONE: 1, ItemOutcome.DEAD_AGAIN: 1}, ReplayVerdict.WRONG),
        (ReplayState.STOPPED, {ItemOutcome.PENDING: 2}, ReplayVerdict.WRONG),
        (ReplayState.PAUSED, {ItemOutcome.PENDING: 2}, ReplayVerdict.HALTED),
        (ReplayState.CANCELLED, {ItemOutcome.DEAD_AGAIN: 2}, ReplayVerdict.HALTED),
        (ReplayState.RUNNING, {ItemOutcome.QUEUED: 2}, ReplayVerdict.WELL),
    ],
)
def test_a_replay_has_a_verdict(state: ReplayState, counts: dict[ItemOutcome, int], verdict: ReplayVerdict) -> None:
    every = dict.fromkeys(ItemOutcome, 0) | counts

    assert Progress(replace(REPLAY, state=state), every).verdict is verdict


@pytest.mark.parametrize("state", ReplayState)
def test_a_replay_that_has_halted_can_go_on_or_end(state: ReplayState) -> None:
    halted = state in {ReplayState.PLANNED, ReplayState.PAUSED, ReplayState.STOPPED}
    id_ = str(REPLAY.id)

    actions = Progress(replace(REPLAY, state=state), {}).actions

    assert actions == ((ResumeReplay(id_), CancelReplay(id_)) if halted else ())


def test_a_filter_is_replayed_with_a_canary_and_named_ones_without() -> None:
    assert careful_rules(Filter()).canary == 5
    assert careful_rules(Filter(), canary_failures=9).canary == 9
    assert careful_rules(Filter(), canary=0).canary == 0
    assert careful_rules(Filter(ids=(UUID(int=1),))).canary == 0
