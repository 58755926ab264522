from pathlib import PurePosixPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from providers.downloads.disk.destination import OWN_PREFIX, DestinationRefused, part_name, record_name, segments

_PIECES = st.sampled_from(
    ["a", "b.iso", "..", ".", "", " ", "~", "-rf", "...", "é", "\x00", "\n", "\\", ".leeward-x", "x" * 256]
)


@given(st.lists(_PIECES, min_size=1, max_size=6))
def test_an_accepted_path_never_leads_upwards_and_never_to_our_own_files(pieces: list[str]) -> None:
    destination = "/".join(pieces)
    try:
        names = segments(destination)
    except DestinationRefused:
        return

    path = PurePosixPath(*names)
    assert not path.is_absolute()
    assert path.as_posix() == destination
    assert not {"..", ".", ""} & set(names)
    assert not any(name.startswith(OWN_PREFIX) for name in names)


@given(st.text(max_size=300))
def test_any_text_is_either_refused_or_a_relative_path(text: str) -> None:
    try:
        names = segments(text)
    except DestinationRefused:
        return

    assert "/".join(names) == text
    assert all(0 < len(name.encode()) <= 255 for name in names)


@pytest.mark.parametrize("destination", ["a.iso", "films/a b.mkv", "é/ü", "..a", "a..", ".hidden", "a:b", "x" * 255])
def test_ordinary_names_are_accepted(destination: str) -> None:
    assert "/".join(segments(destination)) == destination


@pytest.mark.parametrize(
    "destination",
    ["", "/etc/passwd", "../x", "a/../../x", "a/..", "a//b", "a/", "./a", "a\\..\\b", "a\x00b", "\ud800", "x" * 256],
)
def test_paths_that_lead_elsewhere_or_cannot_be_written_are_refused(destination: str) -> None:
    with pytest.raises(DestinationRefused):
        segments(destination)


def test_a_path_longer_than_1024_bytes_is_refused() -> None:
    with pytest.raises(DestinationRefused, match="longer than 1024 bytes"):
        segments("/".join(["x" * 200] * 6))


def test_the_refusal_says_what_to_do() -> None:
    with pytest.raises(DestinationRefused, match="give a relative path"):
        segments("../x")


@given(st.text(min_size=1, max_size=255, alphabet=st.characters(exclude_categories=["Cs"])))
def test_temporary_names_fit_beside_the_longest_name_and_are_no_destinations(name: str) -> None:
    for own in (part_name(name), record_name(name)):
        assert len(own) < 100
        with pytest.raises(DestinationRefused):
            segments(own)


def test_two_names_never_share_a_part() -> None:
    assert part_name("a") != part_name("b")
