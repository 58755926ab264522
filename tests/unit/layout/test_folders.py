"""A folder has few enough files to be read at a glance."""

from collections import Counter

from tests.unit.layout.house import files

MOST = 16


def test_no_folder_holds_more_than_sixteen_source_files() -> None:
    held = Counter(str(file.parent) for file in files(".py", ".lua") if file.name != "__init__.py")

    assert {folder: count for folder, count in held.items() if count > MOST} == {}
