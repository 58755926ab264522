"""What a worker says of an extension that cannot be used."""

from datetime import timedelta
from typing import Any, ClassVar

import pytest
from pydantic import BaseModel

from leeward import Job
from leeward.extension import Health, Provider, actor, on, periodic
from tests.unit.workers.composition.extensions import Store, Vault, VaultSettings, vault
from workers.composition.installed.soundness import problem_of


class Taken(BaseModel):
    limit: int = 3


class NoHealth(Provider[VaultSettings], type="vault"): ...


class NoType(Provider[VaultSettings]):
    def health(self) -> Health:
        return Health.healthy()


class NoSettings(Provider, type="vault"):  # type: ignore[type-arg]
    def health(self) -> Health:
        return Health.healthy()


class TakenName(Provider[Taken], type="vault"):
    def health(self) -> Health:
        return Health.healthy()


class WrongGuard(Vault, type="vault"):
    guards = {"limmit": 3}  # type: ignore[typeddict-unknown-key] # noqa: RUF012


class ImpossibleGuard(Vault, type="vault"):
    guards = {"burst": 0}  # noqa: RUF012 # as authors write it


class Kindless(Job):
    family: ClassVar[str] = "store"


class Dotted(Store):
    family: ClassVar[str] = "store.eu"


class Spaced(Store):
    kind: ClassVar[str] = "store item"


def untyped(arguments: int) -> Any:
    """A function of so many arguments, as an author without a type checker may write it."""
    return (lambda: None, lambda one: None, lambda one, two: None)[arguments]


def stores(job: Store, vault: Vault) -> None: ...


def test_a_sound_extension_has_no_problem() -> None:
    assert problem_of(vault()) is None


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"api": 2}, "written for api 2, and this Leeward knows api 1; install a newer Leeward"),
        ({"name": "The Vault"}, "'The Vault' cannot be its name"),
        ({"providers": [NoHealth]}, "NoHealth lacks health()"),
        ({"providers": [NoType]}, "NoType has no type"),
        ({"providers": [NoSettings]}, "NoSettings names no settings"),
        ({"providers": [TakenName]}, "Taken.limit has the name of a setting that every provider has"),
        (
            {"providers": [WrongGuard]},
            "WrongGuard.guards cannot be used: limmit is no guard setting; did you mean limit?",
        ),
        ({"providers": [ImpossibleGuard]}, "ImpossibleGuard.guards cannot be used: burst"),
        ({"providers": [Store]}, "is no Provider class"),
        ({"actors": [stores]}, "was not made by @actor"),
        (
            {"actors": [actor(Store, provider=Vault)(untyped(1))]},
            "takes 1 arguments; it is called with a job and a provider",
        ),
        ({"handlers": [on("user.disabled")(untyped(0))]}, "takes 0 arguments; it is called with an event and, if"),
        ({"periodic": [periodic("@daily")(untyped(2))]}, "takes 2 arguments; it is called with no argument and, if"),
        ({"actors": [actor(Kindless, provider=Vault)(stores)]}, "Kindless lacks kind, version"),  # type: ignore[arg-type]
        ({"actors": [actor(Dotted, provider=Vault)(stores)]}, "Dotted: 'store.eu' cannot be part of a queue's name"),
        ({"actors": [actor(Spaced, provider=Vault)(stores)]}, "Spaced: 'store item' cannot be the name of a kind"),
        (
            {"actors": [actor(Store, provider=Vault, unknown_outcome="verify")(stores)]},
            "@stores.verify belong together",
        ),
        ({"actors": [actor(Store, provider=Vault, accepts=[Store])(stores)]}, "no older version of store.item@2"),
        ({"periodic": [periodic("61 * * * *")(lambda: None)]}, "impossible minute"),
        ({"periodic": [periodic(timedelta(0))(lambda: None)]}, "impossible length"),
        (
            {"periodic": [periodic("@daily", catch_up=timedelta(0))(lambda: None)]},
            "catch_up is how late a tick may run",
        ),
        (
            {"actors": [actor(Store, provider=Vault, time_limit=timedelta(0))(stores)]},
            "stores: time_limit is how long one delivery may take",
        ),
        (
            {"actors": [actor(Store, provider=Vault, time_limit=30)(stores)]},  # type: ignore[arg-type]
            "is not what belongs there",
        ),
        ({"handlers": [on("disabled")(lambda event: None)]}, "'disabled' is no type of event"),
        ({"resources": [Vault]}, "is no Resource class"),
    ],
)
def test_what_is_wrong_is_said_in_one_sentence(changes: dict[str, Any], told: str) -> None:
    why = problem_of(vault(**changes))

    assert why is not None
    assert told in why
    assert "\n" not in why


def test_an_entry_point_that_names_something_else_is_refused() -> None:
    assert "names a module, not an Extension" in str(problem_of(pytest))
