"""Tries recovery actions on a failure, by priority, until one has helped."""

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import redis
import structlog

from broker.fleet.recovery.record import Attempt, Outcome, claim
from leeward.extension import Failure, Recovered
from leeward.redaction import cleaned
from workers.recovery.action import Action
from workers.recovery.recorder import Recorder

Verify = Callable[[], str]
"""Whether what failed works again: empty, or why it does not."""

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Helped:
    """What has helped: the action, and what it returned."""

    action: str
    recovered: Recovered


@dataclass(slots=True)
class _Trial:
    """An attempt while it runs."""

    began: float
    at: datetime
    outcome: Outcome = Outcome.FAILED
    detail: str = ""
    recovered: Recovered | None = None


@dataclass(slots=True)
class Recovery:
    """The actions of one process. Thread-safe.

    Failure stance: open. An action that fails, or whose condition does, makes nothing worse: the next one is tried. Without Valkey the
    actions that have a pause are not tried, since another process may have tried them a moment ago.

    Attributes:
        client: of Valkey.
        actions: in any order.
        by: who tries them: the process, or a person.
        is_test: a person tries them; that is on record and not counted.
    """

    client: redis.Redis
    actions: Iterable[Action]
    by: Callable[[], str]
    is_test: bool = False
    recorder: Recorder = field(init=False)

    def __post_init__(self) -> None:
        self.actions = tuple(sorted(self.actions, key=lambda one: (-one.priority, one.name)))
        self.recorder = Recorder(self.client)

    def recover(self, failure: Failure, *, verify: Verify | None = None) -> Helped | None:
        """Tries the actions whose condition holds, until one has helped.

        Args:
            failure: what failed.
            verify: decides whether an action has helped; without it, what the action returns does.

        Returns:
            What has helped, or None.
        """
        for action in self.actions:
            if self._applies(action, failure) and (recovered := self.attempt(action, failure, verify)) is not None:
                return Helped(action.name, recovered)
        return None

    def attempt(self, action: Action, failure: Failure, verify: Verify | None = None) -> Recovered | None:
        """Tries one action, whatever its condition says."""
        with self._recorded(action, failure) as trial:
            recovered = action.run(failure)
            if recovered is None:
                trial.detail = "it could do nothing"
            elif why := verify() if verify is not None else "":
                trial.detail = "; ".join(text for text in (recovered.detail, f"still: {why}") if text)
            else:
                trial.outcome = Outcome.UNDER_WAY if action.is_slow else Outcome.RECOVERED
                trial.detail, trial.recovered = recovered.detail, recovered
        return trial.recovered

    @contextmanager
    def _recorded(self, action: Action, failure: Failure) -> Iterator[_Trial]:
        trial = _Trial(time.monotonic(), datetime.now(UTC))
        try:
            yield trial
        except Exception as error:  # of an action that only wants to help
            trial.detail = cleaned(" ".join(f"{type(error).__name__}: {error}".split()))
        except BaseException as interrupt:
            trial.detail = f"interrupted: {type(interrupt).__name__}"
            raise
        finally:
            self._note(action, failure, trial)

    def _note(self, action: Action, failure: Failure, trial: _Trial) -> None:
        attempt = Attempt(
            action=action.name,
            of=failure.of,
            operation=failure.operation,
            outcome=trial.outcome,
            at=trial.at,
            took=timedelta(seconds=time.monotonic() - trial.began),
            detail=trial.detail,
            by=self.by(),
            is_test=self.is_test,
        )
        said = _log.warning if attempt.outcome is Outcome.FAILED else _log.info
        said(
            "recovery_attempted",
            action=attempt.action,
            of=attempt.of,
            operation=attempt.operation,
            outcome=attempt.outcome.value,
            detail=attempt.detail,
        )
        self.recorder.note(attempt)

    def _applies(self, action: Action, failure: Failure) -> bool:
        try:
            return action.applies(failure) and claim(self.client, action.name, failure.of, action.pause)
        except Exception as error:  # whatever it is: an action that cannot be judged is not tried
            _log.warning(
                "recovery_condition_failed", action=action.name, error=cleaned(f"{type(error).__name__}: {error}")
            )
            return False
