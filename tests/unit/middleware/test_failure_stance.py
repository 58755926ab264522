"""Every ring says in its docstring what happens when its backend is away, and a test breaks it."""

import importlib
import pkgutil
import re
from pathlib import Path

import pytest
from dramatiq.middleware import Middleware

import broker
import middleware
import workers
from middleware.order import rings


def _ours() -> set[type[Middleware]]:
    for package in (broker, middleware, workers):
        for module in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
            if not module.name.endswith("__main__"):
                importlib.import_module(module.name)
    return {
        ring for ring in _below(Middleware) if ring.__module__.partition(".")[0] in {"broker", "middleware", "workers"}
    }


def _below(kind: type[Middleware]) -> set[type[Middleware]]:
    return {below for direct in kind.__subclasses__() for below in {direct, *_below(direct)}}


RINGS = sorted(_ours(), key=lambda ring: ring.__qualname__)


TESTS = Path(__file__).parents[2]
BROKEN_BY = {
    "GuardDeclaration": (
        "integration/broker/guards/test_in_workers.py",
        "test_a_worker_that_starts_without_valkey_declares_its_guards_when_it_is_there",
    ),
    "Idempotency": (
        "integration/middleware/test_unknown_outcome.py",
        "test_a_verification_that_fails_is_made_again_and_the_job_never_runs_on_a_guess",
    ),
    "OpenedProviders": (
        "integration/workers/composition/test_binder.py",
        "test_an_instance_that_cannot_be_opened_stops_no_other",
    ),
    "Publisher": ("integration/middleware/test_publisher.py", "test_a_worker_that_cannot_publish_works"),
}
"""Ring -> the test that takes its backend away. Not for those that ask none."""


@pytest.mark.parametrize("ring", RINGS, ids=lambda ring: ring.__name__)
def test_a_ring_says_what_happens_when_its_backend_is_away(ring: type[Middleware]) -> None:
    assert "Failure stance: " in (ring.__doc__ or "")


@pytest.mark.parametrize("ring", RINGS, ids=lambda ring: ring.__name__)
def test_a_ring_that_asks_a_backend_has_a_test_that_takes_it_away(ring: type[Middleware]) -> None:
    asks_none = re.search(r"Failure stance: (asks|touches) no backend", ring.__doc__ or "") is not None

    assert asks_none != (ring.__name__ in BROKEN_BY)
    if not asks_none:
        file, name = BROKEN_BY[ring.__name__]
        assert f"def {name}(" in (TESTS / file).read_text()


def test_every_ring_of_the_order_is_looked_at() -> None:
    dramatiqs = {type(ring) for ring in rings() if type(ring).__module__.startswith("dramatiq.")}

    assert {type(ring) for ring in rings()} - dramatiqs <= set(RINGS)
    assert len(RINGS) >= 11
