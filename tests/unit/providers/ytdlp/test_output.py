from pathlib import Path

import pytest

from providers.ytdlp.output import FILE, ITEM, PROGRESS, Finished, Item, Progress, report


def test_progress_is_read() -> None:
    line = PROGRESS + '{"status": "downloading", "downloaded_bytes": 1024, "total_bytes": 3000, "eta": null}'

    assert report(line) == Progress(1024, 3000, None)


def test_an_estimate_is_none_of_the_announced_lengths() -> None:
    line = PROGRESS + '{"downloaded_bytes": 1, "total_bytes": null, "total_bytes_estimate": 99.5}'

    assert report(line) == Progress(1, None, 99)


def test_an_item_is_read() -> None:
    line = (
        ITEM + '{"id": "a-1", "title": "A film", "extractor": "html5", "ext": "mp4", "duration": 61.5, "n_entries": 2}'
    )

    assert report(line) == Item("a-1", "A film", "html5", 61.5, None, 2)


def test_an_item_of_which_nothing_is_known_is_one_film() -> None:
    assert report(ITEM + "{}") == Item(None, None, None, None, None, 1)


def test_a_file_is_read() -> None:
    assert report(FILE + '"/data/films/media.mp4"') == Finished(Path("/data/films/media.mp4"))


@pytest.mark.parametrize(
    "line",
    [
        "",
        "[download] 100% of 3MiB",
        PROGRESS,
        PROGRESS + "null",
        PROGRESS + "[1]",
        PROGRESS + '{"downloaded_bytes": "1"}',
        PROGRESS + '{"downloaded_bytes": true}',
        PROGRESS + '{"downloaded_bytes": -1}',
        PROGRESS + '{"downloaded_bytes": NaN}',
        PROGRESS + '{"downloaded_bytes": Infinity}',
        PROGRESS + "[" * 100_000,
        ITEM + "7",
        ITEM + "{",
        FILE + '""',
        FILE + "{}",
        FILE + "media.mp4",
    ],
)
def test_anything_else_is_passed_over(line: str) -> None:
    assert report(line) is None


def test_a_title_is_bounded() -> None:
    found = report(ITEM + '{"title": "' + "a" * 10_000 + '"}')

    assert isinstance(found, Item)
    assert found.title == "a" * 500
