"""What is read of answers, in all the ways in which servers write them."""

from collections.abc import Callable
from typing import Any

import pytest

from leeward.extension.errors import Misconfigured, Permanent, Transient
from providers.http_client.answer import Answer
from providers.plex import content
from providers.plex.content import Item, Section
from providers.plex.server import pages
from providers.plex.transport import container

MOVIES = {"key": "1", "title": "Movies", "type": "movie"}


def test_a_list_that_is_empty_is_absent() -> None:
    assert content.sections({"size": 0}) == []
    assert content.items({}) == []
    assert content.hub_items({"Hub": [{"type": "movie"}]}) == []


@pytest.mark.parametrize("written", [1, True, "1", "true"])
def test_a_flag_is_read_as_it_comes(written: Any) -> None:
    (section,) = content.sections({"Directory": [MOVIES | {"refreshing": written}]})

    assert section == Section("1", "Movies", "movie", is_refreshing=True, scanned_at=0, locations=())


@pytest.mark.parametrize("written", [0, False, "0", None, "", []])
def test_a_flag_that_is_not_set(written: Any) -> None:
    assert not content.sections({"Directory": [MOVIES | {"refreshing": written}]})[0].is_refreshing


def test_numbers_come_as_texts_or_as_numbers() -> None:
    for key, year in (("7", "2010"), (7, 2010)):
        (item,) = content.items({"Metadata": [{"ratingKey": key, "title": "Sintel", "type": "movie", "year": year}]})
        assert item == Item("7", "Sintel", "movie", year=2010)


@pytest.mark.parametrize("wrong", [None, {}, [1], "x", {"key": "../x", "title": "a"}, {"key": "1", "title": 3}])
def test_what_is_no_section_is_left_out(wrong: Any) -> None:
    assert [one.key for one in content.sections({"Directory": [wrong, MOVIES]})] == ["1"]
    assert content.sections({"Directory": wrong}) == []


def test_files_and_guids_are_found() -> None:
    film = {
        "ratingKey": "7",
        "title": "Sintel",
        "guid": "plex://movie/5d77",
        "Guid": [{"id": "imdb://tt1727587"}, {"id": None}, 3],
        "Media": [{"Part": [{"file": "/f/a.mkv"}, {"file": "/f/b.mkv"}]}, {"Part": None}],
    }
    (item,) = content.items({"Metadata": [film]})

    assert item.guids == {"plex://movie/5d77", "imdb://tt1727587"}
    assert item.files == ("/f/a.mkv", "/f/b.mkv")


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b'{"MediaContainer":{"size":', Transient),
        (b"", Transient),
        (b"[" * 100 + b"]" * 100, Misconfigured),
        (b"[]", Misconfigured),
        (b'{"MediaContainer":[]}', Misconfigured),
        (b'{"ok":true}', Misconfigured),
    ],
)
def test_what_is_no_container_has_a_class(body: bytes, kind: type[Exception]) -> None:
    import httpx

    with pytest.raises(kind):
        container(Answer(200, httpx.Headers(), body))


def served(
    size: int, *, at_most: int | None, total: bool, ignores_start: bool = False
) -> Callable[[int], dict[str, Any]]:
    everything = [{"ratingKey": str(number), "title": "x"} for number in range(1, size + 1)]

    def page(start: int) -> dict[str, Any]:
        begin = 0 if ignores_start else start
        found = everything[begin:] if at_most is None else everything[begin : begin + at_most]
        return {"Metadata": found} | ({"totalSize": str(size)} if total else {})

    return page


@pytest.mark.parametrize("at_most", [1, 3, 200, None])
@pytest.mark.parametrize("total", [True, False])
@pytest.mark.parametrize("size", [0, 1, 7])
def test_all_pages_are_read_whatever_size_they_have(
    size: int, at_most: int | None, total: bool
) -> None:  # a parameter of tests
    read = [item.rating_key for page in pages(served(size, at_most=at_most, total=total), most=100) for item in page]

    assert read == [str(number) for number in range(1, size + 1)]


def test_a_server_that_knows_no_pages_ends() -> None:
    every_time_all = served(5, at_most=None, total=False, ignores_start=True)

    assert sum(len(page) for page in pages(every_time_all, most=100)) == 5


def test_a_list_without_end_is_left() -> None:
    def endless(start: int) -> dict[str, Any]:
        return {"Metadata": [{"ratingKey": str(start + 1), "title": "x"}]}

    with pytest.raises(Permanent, match="list_limit"):
        list(pages(endless, most=50))
