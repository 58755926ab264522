"""Ids as short as they can be typed."""

from uuid import UUID, uuid4

from hypothesis import given
from hypothesis import strategies as st

from console.cli.terminal.tables.short_id import short_ids


def test_eight_characters_distinguish_ids_that_are_random() -> None:
    ids = ["787e6768-3b5c-431d-8532-f5a013c11e57", "2dc9f3a50b8e4c27", "nothing"]

    assert list(short_ids(ids).values()) == ["2dc9f3a5", "787e6768", "nothing"]


def test_ids_that_begin_with_their_time_are_as_long_as_that_at_least() -> None:
    first, second = "01a2074b-a684-7c10-84d2-e4a16520bc6f", "01a2074b-a684-7a9e-af52-742d01a4ff61"

    assert short_ids([first]) == {first: "01a2074b-a684"}
    assert short_ids([first, second]) == {first: "01a2074b-a684-7c", second: "01a2074b-a684-7a"}


@given(st.lists(st.uuids(), max_size=30))
def test_each_is_the_beginning_of_one_id_alone(ids: list[UUID]) -> None:
    known = short_ids(map(str, ids))

    for id_, short in known.items():
        assert [other for other in known if other.startswith(short)] == [id_]
        assert not short.endswith("-")


def test_the_same_id_twice_is_one() -> None:
    id_ = str(uuid4())

    assert short_ids([id_, id_]) == {id_: id_[:8]}
