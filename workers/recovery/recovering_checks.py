"""Health checks of providers that try to recover what they find broken."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import redis
import structlog

from broker.fleet.recovery.record import Outcome, finish, history, under_way
from broker.guards.store import Guards
from leeward.extension import Failure, Health
from leeward.wire.valkey.refusal import sentence
from workers.recovery.own_actions import circuit_of
from workers.recovery.recovery import Recovery

_CODE = re.compile(r"([A-Z][A-Z0-9_]*): ")
_NOT_LATER = timedelta(hours=1)

_log = structlog.get_logger(__name__)


class RecoveringChecks:
    """Looks at a provider's health; where that is bad, recovery actions are tried and it is looked at again. Where it is good and the
    circuit is open, jobs may try the provider early. Thread-safe.

    Failure stance: open. Without Valkey it is the health check alone.

    Args:
        check: of a provider, by name; raises nothing.
        recovery: the actions of this process.
    """

    def __init__(self, check: Callable[[str], Health], recovery: Recovery) -> None:
        self._check = check
        self._recovery = recovery

    def check(self, provider: str) -> Health:
        found = self._check(provider)
        try:
            return self._recovered(provider, found)
        except redis.RedisError as error:
            _log.warning("recovery_without_valkey", provider=provider, error=sentence(error))
            return found

    def _recovered(self, provider: str, found: Health) -> Health:
        circuit = circuit_of(self._recovery.client, provider)
        self._settle(provider)
        if found.ok and circuit != "open":
            return found
        failure = Failure(
            of=provider,
            operation="health",
            code=_code(found),
            text=found.detail,
            circuit=circuit,
            healthy=found.ok,
        )
        latest = [found]

        def verify() -> str:
            latest.append(self._check(provider))
            return "" if latest[-1].ok else latest[-1].detail

        self._recovery.recover(failure, verify=None if found.ok else verify)
        return latest[-1]

    def _settle(self, provider: str) -> None:
        """Says how the attempt ended that let jobs try the provider."""
        client = self._recovery.client
        attempt_id = under_way(client, provider)
        if attempt_id is None:
            return
        began = next((one.at for one in history(client) if one.id == attempt_id), None)
        if began is None:
            return
        outcome = _outcome(Guards(client, provider), began)
        if outcome is None and datetime.now(UTC) - began > _NOT_LATER:
            outcome = Outcome.FAILED, _NOT_LATER, "no job has tried the provider within an hour"
        if outcome is not None:
            finish(client, attempt_id, *outcome)


def _outcome(guards: Guards, began: datetime) -> tuple[Outcome, timedelta, str] | None:
    ends = {"closed": (Outcome.RECOVERED, "the circuit is closed"), "opened": (Outcome.FAILED, "it failed again")}
    later = [one for one in guards.transitions() if one.at >= began and one.event in ends]
    if not later:
        return None
    first = later[-1]  # the newest comes first
    outcome, detail = ends[first.event]
    return outcome, first.at - began, detail if outcome is Outcome.RECOVERED else f"{detail}: {first.cause}"


def _code(found: Health) -> str:
    code = _CODE.match(found.detail)
    return code[1] if code else ""
