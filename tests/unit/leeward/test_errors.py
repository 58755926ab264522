"""The one hierarchy of errors: a category says what kind of failure it is, a code names it."""

import importlib
import pkgutil
from collections import Counter
from collections.abc import Iterator

import pytest

import leeward_admin
from console.cli.error_report import EXIT_CODES
from leeward.actions import ListQueues
from leeward.errors import Conflict, Invalid, LeewardError, NotFound, NotReady, Refused, Unavailable

OUR_PACKAGES = ("leeward", "broker", "storage", "workers", "leeward_admin")
CATEGORIES = (Invalid, NotFound, Conflict, Unavailable, Refused, NotReady)
PUBLIC = {
    "Conflict": "dead_letter_changed",
    "AddressMissing": "address_missing",
    "FilterExists": "filter_exists",
    "ImpossibleGuard": "impossible_guard",
    "ImpossibleReplayStep": "impossible_replay_step",
    "ImpossibleRules": "impossible_rules",
    "ImpossibleStep": "impossible_step",
    "InvalidCorrection": "invalid_correction",
    "InvalidFilter": "invalid_filter",
    "InvalidSettings": "invalid_settings",
    "NothingToReplay": "nothing_to_replay",
    "PruneUnderWay": "prune_under_way",
    "ReplayChanged": "replay_changed",
    "SchemaMissing": "schema_missing",
    "ServerUnreachable": "server_unreachable",
    "UnknownActor": "actor_not_found",
    "UnknownDeadLetter": "dead_letter_not_found",
    "UnknownFilter": "filter_not_found",
    "UnknownGroup": "group_not_found",
    "UnknownProvider": "provider_not_found",
    "UnknownQueue": "queue_not_found",
    "UnknownReplay": "replay_not_found",
}
"""Programs go by these codes: one that changes here breaks them."""


def _subclasses(kind: type[LeewardError]) -> Iterator[type[LeewardError]]:
    for child in kind.__subclasses__():
        yield child
        yield from _subclasses(child)


def _all_errors() -> set[type[LeewardError]]:
    for package in map(importlib.import_module, OUR_PACKAGES):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if "migrations" not in module.name:
                importlib.import_module(module.name)
    return {kind for kind in _subclasses(LeewardError) if kind.__module__.partition(".")[0] in OUR_PACKAGES}


def test_every_error_has_a_code_of_its_own() -> None:
    codes = Counter(kind.code for kind in _all_errors())

    assert [code for code, times in codes.items() if times > 1] == []
    assert all(code.isidentifier() and code.islower() for code in codes)


def test_every_error_has_an_exit_code() -> None:
    assert [kind for kind in _all_errors() if not set(kind.__mro__) & EXIT_CODES.keys()] == []


@pytest.mark.parametrize(("name", "code"), PUBLIC.items())
def test_a_public_error_belongs_to_a_category_and_keeps_its_code(name: str, code: str) -> None:
    kind = getattr(leeward_admin, name)

    assert issubclass(kind, CATEGORIES)
    assert kind.code == code


def test_whoever_catches_the_builtin_class_catches_ours() -> None:
    assert issubclass(Invalid, ValueError)
    assert issubclass(NotFound, LookupError)


def test_an_error_names_what_can_be_done() -> None:
    assert NotFound("there is no queue", actions=(ListQueues(),)).actions == (ListQueues(),)
    assert NotFound("there is no queue").actions == ()
