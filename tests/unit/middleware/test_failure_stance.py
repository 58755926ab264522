"""Every ring says in its docstring what happens when its backend is away."""

import importlib
import pkgutil

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


@pytest.mark.parametrize("ring", RINGS, ids=lambda ring: ring.__name__)
def test_a_ring_says_what_happens_when_its_backend_is_away(ring: type[Middleware]) -> None:
    assert "Failure stance: " in (ring.__doc__ or "")


def test_every_ring_of_the_order_is_looked_at() -> None:
    dramatiqs = {type(ring) for ring in rings() if type(ring).__module__.startswith("dramatiq.")}

    assert {type(ring) for ring in rings()} - dramatiqs <= set(RINGS)
    assert len(RINGS) >= 11
