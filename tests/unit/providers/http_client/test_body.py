import gzip
import tracemalloc
import zlib
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from providers.http_client.body import BodyTooLarge, BodyUndecodable, read_body

CHUNKS = st.lists(st.binary(max_size=200), max_size=6)


@given(chunks=CHUNKS, coding=st.sampled_from(["", "identity", " Identity "]))
def test_a_plain_body_is_what_was_sent(chunks: list[bytes], coding: str) -> None:
    assert read_body(chunks, coding, 10_000) == b"".join(chunks)


@given(content=st.binary(max_size=3000), cut=st.integers(1, 50), members=st.integers(1, 3))
def test_gzip_is_undone_however_it_is_cut_into_chunks(content: bytes, cut: int, members: int) -> None:
    sent = gzip.compress(content, mtime=0) * members

    chunks = [sent[at : at + cut] for at in range(0, len(sent), cut)]

    assert read_body(chunks, "gzip", 10_000) == content * members


@given(chunks=CHUNKS, coding=st.text(max_size=8) | st.sampled_from(["gzip", "deflate", "br", "zstd", "gzip, gzip"]))
def test_any_bytes_in_any_coding_are_a_body_or_a_problem_of_ours(chunks: list[bytes], coding: str) -> None:
    try:
        assert len(read_body(chunks, coding, 100)) <= 100
    except (BodyTooLarge, BodyUndecodable):
        return


def test_what_expands_beyond_the_limit_costs_no_more_than_the_limit() -> None:
    bomb = gzip.compress(bytes(50_000_000), 1, mtime=0)
    tracemalloc.start()
    try:
        with pytest.raises(BodyTooLarge) as refused:
            read_body([bomb], "gzip", 1_000_000)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert len(refused.value.beginning) == 1_000_000
    assert peak < 5_000_000


def test_a_stream_that_expands_to_nothing_ends_too() -> None:
    def endless() -> Iterator[bytes]:
        yield gzip.compress(b"", mtime=0)
        while True:
            yield gzip.compress(b"", mtime=0) * 100

    with pytest.raises(BodyTooLarge):
        read_body(endless(), "gzip", 10_000)


def test_an_endless_plain_body_ends_too() -> None:
    with pytest.raises(BodyTooLarge):
        read_body(iter(lambda: b"x" * 100, None), "", 10_000)


@pytest.mark.parametrize("coding", ["br", "deflate", "gzip, gzip", "rot13", "\N{SNOWMAN}"])
def test_a_coding_that_was_not_asked_for_is_not_undone(coding: str) -> None:
    with pytest.raises(BodyUndecodable):
        read_body([b"x"], coding, 100)


@pytest.mark.parametrize(
    "sent", [b"no gzip", gzip.compress(b"x" * 100, mtime=0)[:-9], zlib.compress(b"x"), b"\x1f\x8b"]
)
def test_damaged_gzip_is_named(sent: bytes) -> None:
    with pytest.raises(BodyUndecodable):
        read_body([sent], "gzip", 1000)
