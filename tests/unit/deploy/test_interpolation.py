"""Our reading of Compose's variables, which the checks of docker-compose.yml rest on."""

import pytest

from tests.unit.deploy.interpolation import interpolate, names_in


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("plain", "plain"),
        ("${SET}", "yes"),
        ("${EMPTY:-default}", "default"),
        ("${EMPTY-default}", ""),
        ("${UNSET-default}", "default"),
        ("${UNSET:-}", ""),
        ("${UNSET:-a${SET}b${UNSET:-c}}d", "ayesbcd"),
        ("${SET}:${SET:-no}", "yes:yes"),
    ],
)
def test_values_and_defaults(text: str, expected: str) -> None:
    assert interpolate(text, {"SET": "yes", "EMPTY": ""}) == expected


@pytest.mark.parametrize("text", ["$NAME", "${NAME", "${NAME:?required}", "costs $5"])
def test_anything_else_is_an_error(text: str) -> None:
    with pytest.raises(ValueError, match=r"not understood|no closing brace"):
        interpolate(text, {"NAME": "yes"})


def test_all_names_are_found_also_in_defaults() -> None:
    assert names_in("${A:-x${B:-y}}-${C}") == {"A", "B", "C"}
