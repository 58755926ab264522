"""How the extensions of an environment are found."""

import sys
from importlib.metadata import EntryPoint
from types import ModuleType

import pytest

from leeward.extension import GROUP, Event, Extension, on
from tests.unit.workers.composition.extensions import Vault, store_item, vault
from workers.composition.installed.extensions import BrokenExtensions, composed_of, load


def _point(monkeypatch: pytest.MonkeyPatch, name: str, extension: object) -> EntryPoint:
    module = ModuleType(f"{name}_package")
    module.extension = extension  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, module.__name__, module)
    return EntryPoint(name, f"{module.__name__}:extension", GROUP)


def test_what_is_wrong_with_one_extension_hides_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    found = load(
        [
            _point(monkeypatch, "vault", vault()),
            _point(monkeypatch, "later", vault(name="later", api=7)),
            EntryPoint("missing", "no_such_package:extension", GROUP),
        ]
    )

    assert [one.name for one in found.installed] == ["vault"]
    assert [str(one).partition(":")[0] for one in found.broken] == [
        "the extension later_package",
        "the extension no_such_package",
    ]
    assert "No module named 'no_such_package'" in found.broken[1].why


def test_the_packages_of_an_extension_are_those_of_its_code(monkeypatch: pytest.MonkeyPatch) -> None:
    (installed,) = load([_point(monkeypatch, "vault", vault())]).installed

    assert installed.packages == ("vault_package", "tests")
    assert load([]).types() == {}
    assert composed_of([vault()]).types()["vault"].provider is Vault


def test_two_packages_that_claim_one_kind_are_told_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    class Other(Vault, type="other"): ...

    points = [
        _point(monkeypatch, "first", vault(name="first")),
        _point(monkeypatch, "second", vault(name="second", providers=[Other])),
    ]

    (broken,) = load(points).broken

    why = "the kind of job store.item belongs to first already, for Vault; remove one of the two packages"
    assert broken.why == why


def test_a_name_that_is_brought_twice_is_refused() -> None:
    with pytest.raises(BrokenExtensions, match=r"it brings the kind of job store\.item twice"):
        composed_of([vault(actors=[store_item, store_item])])


def test_an_actor_for_a_provider_that_nothing_brings_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    orphan = Extension("orphan", api=1, actors=[store_item])

    assert load([_point(monkeypatch, "orphan", orphan)]).installed == ()
    with pytest.raises(BrokenExtensions, match="store_item is for Vault, which no installed extension brings"):
        composed_of([orphan])
    assert composed_of([orphan, vault(actors=[])]).broken == ()


def test_a_handler_of_what_nothing_emits_is_refused_with_the_nearest_name() -> None:
    @on("user.disabld")
    def tell(event: Event) -> None: ...

    @on("vault.emptied")
    def count(event: Event) -> None: ...

    with pytest.raises(
        BrokenExtensions, match=r"tell handles 'user.disabld', which nothing emits; did you mean user.disabled"
    ):
        composed_of([vault(handlers=[tell])])
    with pytest.raises(BrokenExtensions, match=r"count handles 'vault.emptied', which nothing emits"):
        composed_of([vault(handlers=[count])])
    composed_of([vault(handlers=[count], events={"vault.emptied": "A vault has nothing left. Data: vault."})])


def test_a_handler_of_all_that_begin_alike_needs_one_that_is_emitted() -> None:
    @on("user.*", "circuit.opened")
    def tell(event: Event) -> None: ...

    @on("*")
    def count(event: Event) -> None: ...

    @on("user.*", "vaults.*")
    def guess(event: Event) -> None: ...

    @on("user*")
    def mistype(event: Event) -> None: ...

    composed_of([vault(handlers=[tell, count])])
    with pytest.raises(BrokenExtensions, match=r"guess handles 'vaults.\*', which nothing emits"):
        composed_of([vault(handlers=[guess])])
    with pytest.raises(BrokenExtensions, match=r"mistype: 'user\*' is no type of event"):
        composed_of([vault(handlers=[mistype])])
