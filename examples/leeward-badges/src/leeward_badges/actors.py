"""What the jobs do, what happens every quarter of an hour, and what follows when an account is disabled, a badge is lost or a
controller does not work.
"""

from datetime import timedelta

from leeward import Leeward
from leeward.extension import (
    Event,
    Failure,
    Hint,
    IncomingWebhook,
    Recovered,
    actor,
    begin_effect,
    child_key,
    emit_event,
    on,
    on_webhook,
    periodic,
    recovery_action,
)
from leeward_badges.doors import Doors
from leeward_badges.jobs import IssueBadge, RevokeBadge


@actor(IssueBadge, provider=Doors, retry_preset="quick", unknown_outcome="park")
def issue_badge(job: IssueBadge, doors: Doors) -> dict[str, str]:
    """Results in the card's number. A crash while the card is printed leaves the decision to a person."""
    begin_effect()
    return {"number": doors.issue(job.person, job.zones, job.pin.get_secret_value())}


@actor(RevokeBadge, provider=Doors, retry_preset="standard")
def revoke_badge(job: RevokeBadge, doors: Doors) -> dict[str, int]:
    revoked = doors.revoke(job.person)
    emit_event("badge.revoked", provider=doors.name, person=job.person)
    return {"revoked": revoked}


@periodic(timedelta(minutes=15), provider=Doors, catch_up=timedelta(hours=1))
def revoke_expired(doors: Doors, fleet: Leeward) -> None:
    """Runs once a tick for each controller. A tick that is run again enqueues no job twice."""
    for person in doors.expired():
        fleet.enqueue(RevokeBadge(provider=doors.name, person=person), idempotency_key=child_key(person))


@on("user.disabled", provider=Doors)
def lock_out(event: Event, doors: Doors, fleet: Leeward) -> None:
    """Runs once an event for each controller."""
    person = str(event.data["user"])
    fleet.enqueue(RevokeBadge(provider=doors.name, person=person), idempotency_key=child_key(person))


@on_webhook(provider=Doors)
def badge_lost(incoming: IncomingWebhook, doors: Doors) -> Hint | None:
    """A controller reports what happens at its terminals; a badge that was lost is revoked."""
    incoming.require("X-Token", doors.settings.token)
    report = incoming.json()
    if report["event"] != "badge.lost":
        return None
    person = str(report["person"])
    return Hint(RevokeBadge(provider=doors.name, person=person), key=person)


@recovery_action(provider=Doors, priority=60, pause=timedelta(minutes=10))
def restart(failure: Failure, doors: Doors) -> Recovered:
    """Restarts a controller that answers and does not work."""
    doors.restart()
    return Recovered(detail=f"restarted, because {failure.text}")


@restart.when
def _answers(failure: Failure) -> bool:
    return failure.text.startswith("the controller answered")
