"""A worker that publishes what it serves, without being one."""

import redis

from leeward import Job
from leeward.record import Catalogue, KindSummary, Origin, PublishedKind, ServedActor
from leeward.record.publication import Publication


def publication(
    client: "redis.Redis", process: str, *jobs: type[Job], providers: tuple[str, ...] = ("acme",), release: str = "1"
) -> Publication:
    """What a process says that serves these kinds at these providers."""
    origin = Origin(extension="acme", distribution="leeward-acme", release=release, packages=("leeward_acme",))
    kinds = [PublishedKind.of(job, origin) for job in jobs]
    actors = {
        kind.kind: ServedActor(queues=tuple(f"{kind.family}.{provider}" for provider in providers), extension="acme")
        for kind in kinds
    }
    catalogue = Catalogue(release="1.0", kinds={kind.name: KindSummary.of(kind) for kind in kinds}, actors=actors)
    return Publication(client, process, catalogue, kinds)
