import pytest

from providers.plex.paths import is_within


@pytest.mark.parametrize(
    ("path", "folder"),
    [
        ("/media/films", "/media/films"),
        ("/media/films/a.mkv", "/media/films/"),
        ("/media//films/./a", "/media/films"),
        ("/a", "/"),
        (r"D:\Films\A", r"d:\films"),
        ("D:/Films/A", r"D:\Films"),
        (r"\\nas\films\A", r"\\nas\films"),
    ],
)
def test_below(path: str, folder: str) -> None:
    assert is_within(path, folder)


@pytest.mark.parametrize(
    ("path", "folder"),
    [
        ("/media/filmstrips", "/media/films"),
        ("/media", "/media/films"),
        ("/media/films/../private", "/media/films"),
        ("/Media/films/a", "/media/films"),
        (r"E:\Films\A", r"D:\Films"),
        (r"D:\Films\..\A", r"D:\Films"),
    ],
)
def test_elsewhere(path: str, folder: str) -> None:
    assert not is_within(path, folder)
