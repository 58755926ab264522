"""The public names: each is there, and comes from the module that declares it."""

import importlib

import pytest

import leeward_admin
from leeward_admin import _MODULES


@pytest.mark.parametrize("module", _MODULES)
def test_the_package_names_what_its_modules_declare(module: str) -> None:
    declared = importlib.import_module(f"leeward_admin.{module}").__all__

    assert sorted(_MODULES[module].split()) == sorted(declared)


def test_every_name_can_be_imported() -> None:
    assert all(getattr(leeward_admin, name) is not None for name in dir(leeward_admin))
    assert "fleet" in dir(leeward_admin)
    with pytest.raises(AttributeError, match="no attribute 'fleets'"):
        _ = leeward_admin.fleets  # type: ignore[attr-defined]


def test_the_former_name_of_a_conflict_works() -> None:
    assert leeward_admin.Conflict is leeward_admin.DeadLetterChanged
