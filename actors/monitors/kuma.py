"""Uptime Kuma's part of the fleet: heartbeats of our periodic actors go there, changes of its monitors become events."""

from collections.abc import Iterator, Mapping
from datetime import timedelta
from http import HTTPStatus

import dramatiq
import structlog

from actors.monitors.heartbeats import Heartbeat, heartbeat_of
from broker.broker import LeewardBroker
from broker.delivery.current import server_now
from broker.event_stream.changes import exchanged
from broker.fleet.queues import known_providers
from broker.periodic.plans import PlanState, plan_states
from leeward.client import Leeward
from leeward.errors import JobNotFound
from leeward.extension import Extension, Permanent, Transient, emit_event, periodic
from leeward.status import JobState
from providers.kuma.monitors import Monitor, MonitorState
from providers.kuma.provider import Kuma
from providers.kuma.settings import FLEET

CHANGED = "monitor.changed"
MOST_CHANGES = 100
"""As many events may one job emit; the rest is found changed by the next poll."""
_PUSH_EVERY = timedelta(seconds=30)
"""A push monitor alerts when nothing came for its interval, a minute where no one chose another one."""
_POLL_EVERY = timedelta(minutes=1)
"""As long does Uptime Kuma keep the answers of its status pages."""
_CATCH_UP = timedelta(minutes=2)

_log = structlog.get_logger(__name__)


@periodic(_PUSH_EVERY, provider=Kuma, catch_up=_CATCH_UP)
def push_heartbeats(kuma: Kuma, fleet: Leeward) -> None:
    """One heartbeat for each push monitor in the settings. One that Uptime Kuma does not know is logged; neither that nor an error inside
    Uptime Kuma, such as a notification of one monitor that fails, keeps any other.
    """
    tokens = kuma.settings.push_tokens()
    failures: list[Transient] = []
    for name, beat in _heartbeats(kuma, fleet, tokens):
        try:
            kuma.client.push(tokens[name], is_up=beat.is_up, message=beat.message)
        except Permanent as refused:
            _log.warning("heartbeat_refused", provider=kuma.name, actor=name, error=str(refused))
        except Transient as failed:
            if failed.status != HTTPStatus.NOT_FOUND:  # of every push
                raise
            failures.append(failed)
    if failures:
        raise failures[0]


@periodic(_POLL_EVERY, provider=Kuma, catch_up=_CATCH_UP)
def poll_monitors(kuma: Kuma) -> None:
    """Emits `monitor.changed` for each monitor that is up, down or under maintenance and was not so at the poll before. Pending is none of
    these: the monitor is tried again before it counts as down.
    """
    seen = {_key(one): one for one in _monitors(kuma) if one.state not in {None, MonitorState.PENDING}}
    states = {key: _state(one) for key, one in seen.items()}
    for key, before in exchanged(_broker().client, kuma.name, states, at_most=MOST_CHANGES).items():
        one = seen[key]
        if before is None and one.state is not MonitorState.DOWN:
            continue  # seen for the first time
        _log.info("monitor_changed", provider=kuma.name, monitor=one.name, state=states[key], before=before)
        emit_event(
            CHANGED, provider=kuma.name, monitor=one.name, number=one.id, state=states[key], before=before, at=one.at
        )


def _heartbeats(kuma: Kuma, fleet: Leeward, names: Mapping[str, str]) -> Iterator[tuple[str, Heartbeat]]:
    states = _plan_states() if names else {}
    for name in names:
        if name == FLEET:
            yield name, Heartbeat(is_up=True, message="scheduler, worker and Valkey work")
            continue
        yield (
            name,
            heartbeat_of(
                states.get(name),
                now=server_now(),
                late_after=kuma.settings.late_after,
                is_running=lambda job_id: _is_running(fleet, job_id),
            ),
        )


def _plan_states() -> dict[str, PlanState]:
    client = _broker().client
    return {state.plan.actor: state for state in plan_states(client, sorted(known_providers(client)))}


def _is_running(fleet: Leeward, job_id: str) -> bool:
    try:
        return fleet.status(job_id).state is JobState.RUNNING
    except JobNotFound:
        return False


def _monitors(kuma: Kuma) -> Iterator[Monitor]:
    settings = kuma.settings
    for slug in settings.status_pages:
        try:
            yield from kuma.client.page(slug)
        except Permanent as refused:
            _log.warning("status_page_refused", provider=kuma.name, slug=slug, error=str(refused))
    if not settings.status_pages and settings.metrics_key is not None:
        yield from kuma.client.metrics()


def _key(monitor: Monitor) -> str:
    return monitor.name if monitor.id is None else str(monitor.id)


def _state(monitor: Monitor) -> str:
    return "" if monitor.state is None else monitor.state.name.lower()


def _broker() -> LeewardBroker:
    broker = dramatiq.get_broker()
    if not isinstance(broker, LeewardBroker):
        raise TypeError("this runs in a worker alone")
    return broker


extension = Extension(
    "kuma",
    api=1,
    providers=[Kuma],
    periodic=[push_heartbeats, poll_monitors],
    events={
        CHANGED: "A monitor of Uptime Kuma is `up`, `down` or under `maintenance` now. "
        "Data: provider, monitor, number, state, before, at.",
    },
)
