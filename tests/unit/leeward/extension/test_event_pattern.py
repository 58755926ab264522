"""A handler may be for one type of events, for several, for all that begin alike, or for all."""

import pytest

from leeward.client import Leeward
from leeward.extension import Event, on
from leeward.extension.events.pattern import is_pattern, matches, patterns


@pytest.mark.parametrize(
    ("written", "name", "is_for_it"),
    [
        ("user.disabled", "user.disabled", True),
        ("user.disabled", "user.disabled.twice", False),
        ("circuit.*", "circuit.opened", True),
        ("circuit.*", "circuit.mode.set", True),
        ("circuit.*", "circuits.opened", False),
        ("circuit.*", "circuit", False),
        ("*", "anything.at-all", True),
        ("user.disabled, circuit.*", "circuit.closed", True),
        ("user.disabled, circuit.*", "user.deleted", False),
    ],
)
def test_it_is_for_what_it_names(written: str, name: str, *, is_for_it: bool) -> None:
    assert matches(written, name) is is_for_it


@pytest.mark.parametrize("written", ["user.disabled", "circuit.*", "a.b.*", "*"])
def test_a_pattern_is_a_type_a_beginning_or_all(written: str) -> None:
    assert is_pattern(written)


@pytest.mark.parametrize("written", ["", "user", "user*", "*.opened", "user.*.x", "User.disabled", "user."])
def test_nothing_else_is_one(written: str) -> None:
    assert not is_pattern(written)


def test_a_handler_names_several() -> None:
    @on("circuit.*", "user.disabled")
    def note(event: Event, fleet: Leeward) -> None: ...

    assert patterns(note.event) == ["circuit.*", "user.disabled"]
