"""No module needs another that needs it in turn, for types neither: what is between two modules goes into a third."""

import ast
from collections.abc import Iterator, Mapping
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

from tests.unit.layout.house import ROOT, files


def test_no_modules_import_each_other() -> None:
    modules = {_module(str(file)): ROOT / file for file in files(".py") if file.parts[0] != "script"}

    TopologicalSorter({name: set(_imported(path, modules)) - {name} for name, path in modules.items()}).prepare()


def test_a_circle_would_be_found(tmp_path: Path) -> None:
    (tmp_path / "one.py").write_text(
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from two import Two\n\nclass One: ...\n"
    )
    (tmp_path / "two.py").write_text("from one import One\n\nclass Two: ...\n")
    modules = {name: tmp_path / f"{name}.py" for name in ("one", "two")}

    with pytest.raises(CycleError):
        TopologicalSorter({name: set(_imported(path, modules)) for name, path in modules.items()}).prepare()


def _module(file: str) -> str:
    return file.removeprefix("schemas/src/").removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def _imported(path: Path, modules: Mapping[str, Path]) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name in modules)
        elif isinstance(node, ast.ImportFrom) and node.module:
            below = [name for alias in node.names if (name := f"{node.module}.{alias.name}") in modules]
            yield from below
            if node.module in modules and len(below) < len(node.names):
                yield node.module
