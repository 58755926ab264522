"""The text of a script: what it includes, less what it never uses; what it seldom uses is made when it is called."""

import re
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from lupa.lua51 import LuaRuntime

from leeward.wire.script_source import source, whole

ENTRIES = [
    (package, file.name)
    for package in ("leeward.wire.scripts", "broker.scripts", "broker.guards.scripts")
    for file in files(package).iterdir()
    if file.name.endswith(".lua") and "KEYS[1]" in file.read_text(encoding="utf-8")
]


@pytest.fixture
def write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> Any:
    """Writes Lua files of a package of the test's own, and answers with what the script `main.lua` returns."""
    package = f"scripts_{re.sub('[^a-z]', '_', request.node.name)}"
    folder = tmp_path / package
    folder.mkdir()
    (folder / "__init__.py").touch()
    monkeypatch.syspath_prepend(str(tmp_path))

    def run(**texts: str) -> Any:
        for name, text in texts.items():
            (folder / f"{name}.lua").write_text(text)
        return LuaRuntime().execute(source(package, "main.lua"))

    return run


@pytest.mark.parametrize(("package", "name"), ENTRIES, ids=lambda value: value)
def test_every_script_can_be_read_by_lua(package: str, name: str) -> None:
    loaded = LuaRuntime().eval(
        "function(text) local made, problem = loadstring(text) return made and true or problem end"
    )

    assert loaded(source(package, name)) is True


def test_a_function_that_nothing_names_is_left_out() -> None:
    assert "local function half_open" in whole("broker.scripts", "renew.lua") + whole(
        "broker.guards.scripts", "steer.lua"
    )
    assert "local function half_open" not in source("broker.scripts", "renew.lua")


PART = """-- exports: one, two
made = (made or 0) + 1
local function two(n)
  return n * 10
end
local function one(n)
  return two(n) + 1
end
"""


def test_what_is_seldom_used_is_not_made_before_it_is_called(write: Any) -> None:
    assert write(main="-- include: part.lua\nmade = 0\nif made > 0 then one(1) end\nreturn made", part=PART) == 0


def test_what_is_seldom_used_is_made_once(write: Any) -> None:
    assert write(main="-- include: part.lua\nlocal sum = one(4) + two(1)\nreturn 1000 * made + sum", part=PART) == 1051


def test_a_call_after_a_statement_is_a_statement_of_its_own(write: Any) -> None:
    part = "-- exports: add\nlocal function add(t, n)\n  t[#t + 1] = n\n  return #t\nend\n"
    main = """-- include: part.lua
local t = {}
local function twice(n)
  add(t, n)
  add(t, n)
  return add(t, n) + (n > 1 and
    add(t, n) or 0)
end
if #t == 0 then
  add(t, 1)
else
  add(t, 2)
end
for _ = 1, 2 do
  add(t, 3)
end
return twice(2) * 100 + #t
"""

    assert write(main=main, part=part) == 1307


def test_all_functions_of_a_file_can_be_seldom_used(write: Any) -> None:
    part = "local FIVE = 5\nlocal function five()\n  return FIVE\nend\nlocal function ten()\n  return 2 * five()\nend\n"

    assert write(main="-- include seldom: part.lua\nreturn ten() + five()", part=part) == 15
