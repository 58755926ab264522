"""`docs/errors.md` has every condition that an error of a provider can have, and each is what the document says."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from leeward.extension import (
    Ambiguous,
    AuthFailed,
    Busy,
    Misconfigured,
    Permanent,
    ProviderError,
    QuotaExceeded,
    RateLimited,
    TargetUnavailable,
    Transient,
)

ROOT = Path(__file__).parents[4]
DOCUMENT = (ROOT / "docs" / "errors.md").read_text(encoding="utf-8")
CLASSES: tuple[type[ProviderError], ...] = (
    Ambiguous,
    AuthFailed,
    Busy,
    Misconfigured,
    Permanent,
    ProviderError,
    QuotaExceeded,
    RateLimited,
    TargetUnavailable,
    Transient,
)
DOCUMENTED = dict(re.findall(r"^\| `([A-Z0-9_]+)` \| `(\w+)` \|", DOCUMENT, re.MULTILINE))
CLIENTS = ("providers", "actors", "schemas/src/leeward")


def _of_classes() -> Iterator[tuple[str, str]]:
    for kind in CLASSES:
        for condition in (kind.usual_condition, *kind.conditions_by_status.values()):
            yield condition, kind.__name__


def _in_source() -> Iterator[tuple[str, str]]:
    """Every condition that a client gives: as an argument, an attribute of a class, or a member of a table of facts."""
    for path in (path for folder in CLIENTS for path in (ROOT / folder).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            yield from ((value, str(path)) for value in _conditions(node))


def _conditions(node: ast.AST) -> Iterator[str]:
    values: list[ast.expr | None] = []
    match node:
        case ast.keyword(arg="condition", value=value):
            values = [value]
        case ast.Dict(keys=keys, values=all_values):
            pairs = zip(keys, all_values, strict=True)
            values = [value for key, value in pairs if isinstance(key, ast.Constant) and key.value == "condition"]
        case ast.Assign(targets=[ast.Name(id="usual_condition")], value=value):
            values = [value]
    for found in values:
        if isinstance(found, ast.Constant) and isinstance(found.value, str):
            yield found.value


def test_every_class_has_its_conditions_in_the_document() -> None:
    assert set(_of_classes()) <= set(DOCUMENTED.items())


def test_every_condition_of_a_client_is_documented_and_none_is_invented() -> None:
    used = dict(_in_source())
    assert used, "the scan finds nothing: it looks at the wrong places"
    missing = {condition: where for condition, where in used.items() if condition not in DOCUMENTED}

    assert missing == {}
    assert set(DOCUMENTED) == {condition for condition, _ in _of_classes()} | set(used)


@pytest.mark.parametrize("condition", sorted(DOCUMENTED))
def test_a_condition_is_in_capitals(condition: str) -> None:
    assert re.fullmatch(r"[A-Z][A-Z0-9]*(_[A-Z0-9]+)*", condition)


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (Transient("", unreachable=True, condition="TIMEOUT"), "JELLYFIN_TIMEOUT"),
        (Transient("", status=504), "JELLYFIN_TIMEOUT"),
        (Transient("", status=500), "JELLYFIN_UNAVAILABLE"),
        (Transient("", unreachable=True), "JELLYFIN_UNAVAILABLE"),
        (AuthFailed("", status=401), "JELLYFIN_AUTH_FAILURE"),
        (Permanent("", status=400), "JELLYFIN_BAD_REQUEST"),
        (Permanent(""), "JELLYFIN_BAD_REQUEST"),
        (Permanent("", status=404), "JELLYFIN_NOT_FOUND"),
        (Permanent("", status=409), "JELLYFIN_CONFLICT"),
        (Permanent("", status=550), "JELLYFIN_REFUSED"),
        (Ambiguous("", unreachable=True), "JELLYFIN_UNKNOWN_OUTCOME"),
    ],
)
def test_a_code_is_the_type_and_the_condition(error: ProviderError, code: str) -> None:
    assert error.attributed("media", "jellyfin").code == code
