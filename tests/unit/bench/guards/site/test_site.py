import os
from collections.abc import Iterator
from types import SimpleNamespace

import pytest

from bench.guards.site.actors import visit
from bench.guards.site.site import Site
from leeward.extension.errors import Transient
from simulators.faults import Effect, Rule


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    with Site() as site:
        for name, value in site.env.items():
            monkeypatch.setenv(name, value)
        # Each thread keeps its connection; this one must not be to the site of another test.
        own = SimpleNamespace()
        monkeypatch.setattr("bench.guards.site.actors._own", own)
        yield site
        own.connection.close()


def test_a_visit_is_counted_with_its_number_and_its_process(site: Site) -> None:
    visit(7)

    (seen,) = site.visits()
    assert (seen.number, seen.pid, seen.ok) == (7, os.getpid(), True)
    assert seen.began_ns <= seen.ended_ns


def test_a_failing_site_counts_the_visit_and_refuses_it(site: Site) -> None:
    site.failing = True

    with pytest.raises(Transient) as caught:
        visit(1)

    assert caught.value.status == 503
    assert [seen.ok for seen in site.visits()] == [False]


def test_a_site_that_is_down_counts_nothing_and_can_be_visited_again_when_it_is_up(site: Site) -> None:
    site.faults.set(Rule(effect=Effect.DOWN))
    with pytest.raises(Transient):
        visit(1)

    site.faults.reset()
    visit(2)

    assert [seen.number for seen in site.visits()] == [2]
