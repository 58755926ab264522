"""Which actors there are, and the queue where the jobs of each wait. `workers.composition.root` declares them."""

from collections.abc import Iterable

from leeward.jobs.kinds import KINDS
from leeward.jobs.queue_name import provider_of, queue_name
from workers.settings.guards.defaults import DEFAULTS

_PERIODIC = {"expire.accounts": "expiry", "dead_letters.prune": "retention"}
_PROBES = {f"probe.{provider}" for provider in DEFAULTS}
_PROBES_QUEUE = "probes"
_FAMILIES = {job.kind: job.family for job in KINDS}

ACTORS = tuple(sorted({*_FAMILIES, *_PROBES, *_PERIODIC}))
"""The kinds of jobs and the periodic actors, by name."""


def queue_at(actor: str, provider: str) -> str:
    """Where its jobs for a provider wait."""
    if actor in _FAMILIES:
        return queue_name(_FAMILIES[actor], provider)
    return _PERIODIC.get(actor, _PROBES_QUEUE)


def actor_at(queue: str) -> str:
    """Whose jobs wait in a queue; the queue's own name where that is unknown."""
    provider = provider_of(queue)
    return next((actor for actor in ACTORS if queue_at(actor, provider) == queue), queue)


def sharers(actor: str) -> list[str]:
    """The other actors whose jobs wait in the same queue: what is counted by queue cannot be one's own then."""
    where = queue_at(actor, "any")
    return [other for other in ACTORS if other != actor and queue_at(other, "any") == where]


def queues_of(actor: str, providers: Iterable[str]) -> set[str]:
    """Every queue where its jobs may wait."""
    return {queue_at(actor, provider) for provider in providers}


def cannot_be_its_own(actor: str) -> str | None:
    """Why an actor has no numbers of its own and what to do instead; None when it may."""
    others = sharers(actor)
    if not others:
        return None
    return (
        f"shares its queue with {', '.join(others)}, and an actor's own numbers are kept by queue: "
        "give the numbers to their provider, or the actor a queue of its own"
    )
