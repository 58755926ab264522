"""One reply, however it comes: whole, in pieces, too long, or not of SMTP."""

from collections.abc import Callable, Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from providers.smtp.connections.reply import LONGEST_LINE, MOST_LINES, UNREADABLE, ReplyTooLong, read_reply

CODES = st.integers(200, 599)
TEXTS = st.binary(max_size=60).map(lambda text: text.translate(None, b"\r\n").strip(b" \t"))


def in_pieces(stream: bytes, sizes: Iterator[int]) -> Callable[[], bytes]:
    at = 0

    def receive() -> bytes:
        nonlocal at
        piece = stream[at : at + next(sizes)]
        at += len(piece)
        return piece

    return receive


def read(stream: bytes, size: int = 10**6) -> tuple[int, bytes]:
    return read_reply(in_pieces(stream, iter(lambda: size, None)), bytearray())


@pytest.mark.parametrize(
    ("stream", "reply"),
    [
        (b"250 OK\r\n", (250, b"OK")),
        (b"250\r\n", (250, b"")),
        (b"250 \r\n", (250, b"")),
        (b"250 OK\n", (250, b"OK")),
        (b"250-a\r\n250-b\r\n250 c\r\n", (250, b"a\nb\nc")),
        (b"550-5.1.1 no\r\n550 5.1.1 such user\r\n", (550, b"5.1.1 no\n5.1.1 such user")),
        (b"250-a\r\n250\r\n", (250, b"a\n")),
        (b"421 \xfcber\r\n", (421, b"\xfcber")),
        (b"354 \x1b[31mred\r\n", (354, b"\x1b[31mred")),
    ],
)
def test_a_reply_is_its_code_and_its_lines(stream: bytes, reply: tuple[int, bytes]) -> None:
    assert read(stream) == reply


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"25 OK",
        b"2500 OK",
        b"25x OK",
        b"2_0 OK",
        b" 250 OK",
        b"+25 OK",
        b"150 OK",
        b"650 OK",
        b"250:OK",
        b"\xb2\xb3\xb9",
        b"HTTP/1.1 200",
    ],
)
def test_a_line_that_is_not_of_smtp_is_unreadable(line: bytes) -> None:
    assert read(line + b"\r\n") == (UNREADABLE, line)


@pytest.mark.parametrize(
    "stream",
    [
        b"220 " + b"x" * (LONGEST_LINE + 10) + b"\r\n",
        b"x" * (LONGEST_LINE * 3),
        b"\x00" * (LONGEST_LINE * 3),
        b"220-" + b"\xff" * LONGEST_LINE + b"\n",
        b"250-a\r\n" * (MOST_LINES + 1) + b"250 b\r\n",
        b"250-\n" * 10_000,
    ],
)
@pytest.mark.parametrize("size", [1, 7, 4096])
def test_a_reply_beyond_all_bounds_is_given_up(stream: bytes, size: int) -> None:
    with pytest.raises(ReplyTooLong):
        read(stream, size)


@pytest.mark.parametrize("stream", [b"", b"2", b"250 OK", b"250-a\r\n", b"250-a\r\n25"])
def test_a_stream_that_ends_too_soon_has_no_reply(stream: bytes) -> None:
    with pytest.raises(EOFError):
        read(stream)


def test_what_follows_a_reply_is_left_for_the_next() -> None:
    unread = bytearray()
    receive = in_pieces(b"250 a\r\n550 b\r\n", iter(lambda: 100, None))

    assert [read_reply(receive, unread), read_reply(receive, unread)] == [(250, b"a"), (550, b"b")]
    assert not unread


@given(CODES, st.lists(TEXTS, min_size=1, max_size=12), st.lists(st.integers(1, 9), min_size=1))
def test_how_a_reply_is_cut_into_packets_does_not_matter(code: int, texts: list[bytes], sizes: list[int]) -> None:
    lines = [b"%d-%b\r\n" % (code, text) for text in texts[:-1]]
    stream = b"".join(lines) + b"%d %b\r\n" % (code, texts[-1])
    repeated = iter(lambda: sizes[0], None) if len(sizes) == 1 else (size for _ in iter(int, 1) for size in sizes)

    assert read_reply(in_pieces(stream, repeated), bytearray()) == (code, b"\n".join(texts))


@given(st.binary(max_size=300))
def test_any_bytes_are_a_reply_or_none_and_never_another_error(stream: bytes) -> None:
    try:
        code, text = read(stream)
    except (EOFError, ReplyTooLong):
        return
    assert code == UNREADABLE or 200 <= code < 600
    assert isinstance(text, bytes)
