"""Looks at a machine when its host starts, and then as often as at the providers, or more often."""

import socket
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, timedelta

import redis
import structlog
from prometheus_client.metrics_core import Metric

from broker.fleet.health.machines import CURRENT, ComponentFinding, ComponentState, record
from broker.periodic.schedule import Schedule
from broker.threads.vital_thread import VitalThread
from leeward.wire.valkey.refusal import sentence
from workers.monitoring.machine.checks import Check
from workers.monitoring.machine.machine_gauges import machine_gauges

LONGEST_PAUSE = CURRENT / 2
"""However rarely providers are looked at: a finding must not be old before the next one is there."""

_log = structlog.get_logger(__name__)


class MachineProbes(VitalThread):
    """A thread of the worker host. A finding that cannot be written to Valkey is still in the host's metrics; a change of state is logged
    once, as `component_changed`.

    Args:
        client: where findings are written.
        checks: what to look at.
        schedule: when.
        machine: the name of this one.
        now: the time.
    """

    def __init__(
        self,
        client: redis.Redis,
        checks: Iterable[Check],
        schedule: Schedule,
        *,
        machine: str = "",
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        super().__init__("leeward-machine-probes")
        self._client = client
        self._checks = tuple(checks)
        self._schedule = schedule
        self._machine = machine or socket.gethostname()
        self._now = now
        self._latest: Mapping[str, ComponentFinding] = {}
        self._is_written = True

    def serve(self) -> None:
        self.look()
        while not self.rest(self._pause().total_seconds()):
            self.look()

    def stop(self, timeout: timedelta) -> None:
        self.ask_to_stop()
        self.join(timeout.total_seconds())

    def look(self) -> None:
        """One pass over all checks."""
        found = [one for check in self._checks if (one := _found(check)) is not None]
        for one in found:
            before = self._latest.get(one.component)
            if before is None or before.state is not one.state:
                self._report(one, is_first=before is None)
        self._latest = {one.component: one for one in found}
        self._write(found)

    def gauges(self) -> Iterable[Metric]:
        """The latest findings, for Prometheus."""
        return machine_gauges(self._latest.values())

    def _report(self, one: ComponentFinding, *, is_first: bool) -> None:
        if is_first and one.state in {ComponentState.HEALTHY, ComponentState.UNKNOWN}:
            return
        note = _log.info if one.state is ComponentState.HEALTHY else _log.warning
        note("component_changed", component=one.component, state=one.state.value, detail=one.detail)

    def _write(self, found: Iterable[ComponentFinding]) -> None:
        try:
            record(self._client, self._machine, found, now=self._now())
        except redis.RedisError as error:
            if self._is_written:
                _log.warning("machine_health_not_written", error=sentence(error))
            self._is_written = False
        else:
            self._is_written = True

    def _pause(self) -> timedelta:
        now = self._now()
        at = self._schedule.after(now)
        return LONGEST_PAUSE if at is None else min(LONGEST_PAUSE, at - now)


def _found(check: Check) -> ComponentFinding | None:
    try:
        return check()
    except Exception:  # a mistake in one check must not end the host, which drains dead letters
        _log.exception("component_check_failed")
        return None
