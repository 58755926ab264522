import pytest

from providers.downloads.network.content_type import is_accepted, is_page_instead


@pytest.mark.parametrize(
    ("content_type", "accepted", "verdict"),
    [
        ("video/mp4", ["video/mp4"], True),
        ("Video/MP4; codecs=avc1", ["video/mp4"], True),
        ("video/mp4", ["VIDEO/*"], True),
        ("video/x-matroska", ["audio/*", "video/*"], True),
        ("text/html; charset=utf-8", ["video/*"], False),
        ("videos/mp4", ["video/*"], False),
        ("video", ["video/*"], False),
        (None, ["video/*"], False),
        ("", ["application/octet-stream"], True),
        (None, ["application/*"], True),
        ("anything", ["*/*"], True),
    ],
)
def test_a_type_is_accepted_by_name_or_by_kind(content_type: str | None, accepted: list[str], verdict: bool) -> None:
    assert is_accepted(content_type, accepted) is verdict


@pytest.mark.parametrize(
    ("content_type", "destination", "verdict"),
    [
        ("text/html", "films/a.mkv", True),
        ("text/html; charset=utf-8", "a.ISO", True),
        ("application/xhtml+xml", "a.tar.gz", True),
        ("text/html", "a.html", False),
        ("text/html", "a", False),
        ("text/html", "mkv", False),
        ("text/plain", "a.mkv", False),
        (None, "a.mkv", False),
    ],
)
def test_a_page_is_noticed_where_the_name_is_of_no_page(
    content_type: str | None, destination: str, verdict: bool
) -> None:
    assert is_page_instead(content_type, destination) is verdict
