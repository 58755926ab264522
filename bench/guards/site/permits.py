"""Rules for judging what became of permits when their holders were killed, from what a site has seen."""

from collections.abc import Sequence
from datetime import timedelta
from typing import NamedTuple

from bench.guards.site.site import Visit
from bench.guards.site.time_ranges import reuse_gaps_ms


class Kill(NamedTuple):
    """Which process was killed, and when in nanoseconds since the epoch."""

    pid: int
    at_ns: int


def idle_ms(lease: timedelta, visits: Sequence[Visit], kills: Sequence[Kill]) -> list[float]:
    """How long each permit that came free lay idle until a job began with it.

    Left out are the permits of deliveries that a kill cut: these come back with the lease, for the next delivery of the same job.

    One that was cut before it reached the provider took its permit shortly before the kill; leases had at least two thirds to run.
    """
    last = {visit.number: visit for visit in visits}
    seen = {(visit.number, visit.delivery) for visit in visits}
    begun = [visit.began_ns for visit in visits if visit.delivery == 1]
    unseen = [visit for visit in visits if visit.delivery > 1 and (visit.number, visit.delivery - 1) not in seen]
    shortest_ns = lease / timedelta(microseconds=1) * 1000 * 0.6
    gone = [max(kill.at_ns for kill in kills if kill.at_ns < visit.began_ns - shortest_ns) for visit in unseen]
    return reuse_gaps_ms(begun, [visit.ended_ns for visit in last.values()], gone)


def back_seconds(visits: Sequence[Visit], kills: Sequence[Kill]) -> list[float]:
    """How long after the kill of its holder each job began again that was cut at the provider."""
    holders = {(visit.number, visit.delivery): visit.pid for visit in visits}
    killed_ns = {kill.pid: kill.at_ns for kill in kills}
    again = ((visit, holders.get((visit.number, visit.delivery - 1))) for visit in visits)
    return [(visit.began_ns - killed_ns[pid]) / 1e9 for visit, pid in again if pid is not None]
