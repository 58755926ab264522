"""Recovery actions: which there are, what they have done, and one tried now."""

import os
import socket
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import timedelta
from difflib import get_close_matches
from functools import cached_property
from typing import TYPE_CHECKING, TypeVar

import redis

from broker.fleet.recovery.record import Attempt, Outcome, Totals, history, totals
from leeward.errors import NotFound
from leeward.extension import Failure, Fallbacks
from leeward_admin.recovery.calls import CallAnswer, answered
from leeward_admin.recovery.local_actions import LocalActions
from workers.recovery.own_actions import DATABASE
from workers.recovery.recovery import Recovery
from workers.settings.settings import Settings

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from leeward import Leeward
    from workers.recovery.action import Action

__all__ = [
    "RecoveryActionState",
    "RecoveryActions",
    "RecoveryAttempt",
    "RecoveryOutcome",
    "RecoveryTrial",
    "UnknownRecoveryAction",
]

RecoveryAttempt = Attempt
RecoveryOutcome = Outcome
T = TypeVar("T")


class UnknownRecoveryAction(NotFound):
    """Raised when neither the fleet nor an installed extension has an action of the name."""

    code = "recovery_action_not_found"

    def __init__(self, action: str, known: list[str]) -> None:
        close = get_close_matches(action, known, n=1)
        hint = f"did you mean {close[0]}?" if close else f"there are {', '.join(known)}"
        super().__init__(f"there is no recovery action {action}; {hint}")


@dataclass(frozen=True, slots=True, kw_only=True)
class RecoveryActionState:
    """An action, and how often it has helped.

    Attributes:
        priority: the highest whose condition holds is tried first.
        about: what it does.
        extension: which one brings it; empty for the fleet's own.
        pause: how long it is not repeated for the same provider.
        recovered, failed: attempts in all; tests are not counted.
        average: how long an attempt took; None where there was none.
        last: the latest attempt that is still on record.
    """

    action: str
    priority: int
    about: str
    extension: str
    pause: timedelta
    recovered: int
    failed: int
    success_rate: float | None
    average: timedelta | None
    last: Attempt | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RecoveryTrial:
    """What came of trying an action.

    Attributes:
        applies: whether its condition held.
        outcome: None where it was not tried.
        detail: what came of it, or why it was not tried.
        took: how long it took.
    """

    action: str
    of: str
    applies: bool
    outcome: Outcome | None
    detail: str
    took: timedelta | None


class RecoveryActions:
    """The actions of the fleet and of the extensions that are installed here, which are imported when they are first asked for.

    Args:
        settings: of this machine.
        client: of Valkey.
        engine: of PostgreSQL.
        fleet: enqueues what is done later.
        stack: closes what was opened.
    """

    def __init__(
        self,
        settings: Settings,
        client: redis.Redis,
        engine: "Callable[[], Engine]",
        fleet: "Callable[[], Leeward]",
        stack: ExitStack,
    ) -> None:
        self._client = client
        self._stack = stack
        self._local = LocalActions(settings, client, engine, fleet, stack)

    def history(self, *, limit: int = 50, action: str | None = None, of: str | None = None) -> list[Attempt]:
        """The latest attempts, newest first.

        Args:
            limit: how many at most; a thousand are kept.
            action: of this action alone.
            of: at this provider, or at `postgresql`, alone.
        """
        found = history(self._client)
        return [one for one in found if action in {None, one.action} and of in {None, one.of}][:limit]

    def actions(self) -> list[RecoveryActionState]:
        """Every action, in the order in which they are tried."""
        counted, tried = totals(self._client), history(self._client)
        latest = {one.action: one for one in reversed(tried)}
        return [_state(one, counted.get(one.name, Totals()), latest.get(one.name)) for one in self._local.all()]

    def test(self, action: str, *, of: str | None = None, by: str, force: bool = False) -> RecoveryTrial:
        """Tries an action now, in this process. The attempt is on record as a test.

        Args:
            action: its name.
            of: the provider, or `postgresql`; may be left out for an action of the database, or one that answers a call.
            by: who tries it.
            force: also where its condition does not hold.

        Raises:
            UnknownRecoveryAction: there is none.
            Invalid: the action is for a provider, and none is named; or there is no such provider here.
        """
        known = {one.name: one for one in self._local.all()}
        if action not in known:
            raise UnknownRecoveryAction(action, sorted(known))
        found, failure = known[action], self._local.failure(action, of)
        if not (force or found.applies(failure)):
            return RecoveryTrial(
                action=action, of=failure.of, applies=False, outcome=None, detail=_why_not(failure), took=None
            )
        recovery = Recovery(self._client, (found,), by=lambda: by, is_test=True)
        recovery.attempt(found, failure)
        recovery.recorder.close()
        attempt = next(one for one in history(self._client) if one.action == action and one.is_test)
        return RecoveryTrial(
            action=action,
            of=failure.of,
            applies=True,
            outcome=attempt.outcome,
            detail=attempt.detail,
            took=attempt.took,
        )

    def call(
        self,
        operation: str,
        of: str,
        primary: Callable[[], T],
        fallbacks: Fallbacks,
        *,
        request: str = "",
        user: str = "",
    ) -> CallAnswer:
        """Calls a provider; where that fails, or its circuit is open, the recovery actions give the answer, in the order of priority.

        Args:
            operation: the name of the call, as `media.lookup`.
            of: the provider.
            primary: makes the call.
            fallbacks: what it can be answered with instead.
            request: the id of the request that it is part of.
            user: for whom it is made.

        Raises:
            ProviderError, Unavailable, OSError: of `primary`, where nothing could answer.
            CircuitOpen: the same, where the circuit is open.
        """
        failure = Failure(of=of, operation=operation, request=request, user=user, fallbacks=fallbacks)
        return answered(self._recovery, failure, primary)

    @cached_property
    def _recovery(self) -> Recovery:
        recovery = Recovery(self._client, tuple(self._local.own()), by=_this_process)
        self._stack.callback(recovery.recorder.close)
        return recovery


def _state(action: "Action", counted: Totals, last: Attempt | None) -> RecoveryActionState:
    tried = counted.recovered + counted.failed
    return RecoveryActionState(
        action=action.name,
        priority=action.priority,
        about=action.about,
        extension=action.extension,
        pause=action.pause,
        recovered=counted.recovered,
        failed=counted.failed,
        success_rate=counted.success_rate,
        average=counted.took / tried if tried else None,
        last=last,
    )


def _why_not(failure: Failure) -> str:
    if failure.of == DATABASE:
        return "its condition does not hold"
    health = "healthy" if failure.healthy else "not healthy"
    return f"its condition does not hold: {failure.of} is {health}, its circuit is {failure.circuit}"


def _this_process() -> str:
    return f"{socket.gethostname()}:{os.getpid()}"
