from datetime import timedelta

from bench.guards.site.permits import Kill, back_seconds, idle_ms
from bench.guards.site.site import Visit

LEASE = timedelta(seconds=3)
MS = 1_000_000


def test_a_job_cut_by_a_kill_is_back_when_its_next_delivery_begins() -> None:
    visits = [Visit(1, 1, 100, 0, 50 * MS, ok=True), Visit(1, 2, 200, 3_010 * MS, 3_060 * MS, ok=True)]

    assert back_seconds(visits, [Kill(100, 10 * MS)]) == [3.0]


def test_the_permit_of_a_job_that_was_cut_before_it_began_does_not_count_as_idle() -> None:
    visits = [
        Visit(1, 1, 100, 0, 50 * MS, ok=True),
        # Leased as job 1 ended, and cut; job 3 begins with the permit of its second delivery.
        Visit(2, 2, 200, 3_060 * MS, 3_110 * MS, ok=True),
        Visit(3, 1, 200, 3_115 * MS, 3_165 * MS, ok=True),
    ]

    assert idle_ms(LEASE, visits, [Kill(100, 60 * MS)]) == [5.0]
