from datetime import timedelta

import pytest

from bench.guards.site.guarded import given_guards, given_lease, guarded
from broker.guards.config import GuardConfig


def test_workers_are_told_exactly_the_guards_that_were_meant(monkeypatch: pytest.MonkeyPatch) -> None:
    meant = {"site": GuardConfig(limit=5, rate=2.5, observe=True, open_for=timedelta(milliseconds=1500))}
    for name, value in guarded(meant, lease=timedelta(seconds=2)).env.items():
        monkeypatch.setenv(name, value)

    assert given_guards() == meant
    assert given_lease() == timedelta(seconds=2)
