import gzip
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from providers.http_client.inflation import Damaged, inflated

TEXT = b"a line of text\n" * 5000


def bare(data: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(data) + packer.flush()


@pytest.mark.parametrize(
    ("coding", "sent"),
    [
        ("gzip", gzip.compress(TEXT)),
        ("x-gzip", gzip.compress(TEXT[:7]) + gzip.compress(TEXT[7:])),
        ("deflate", zlib.compress(TEXT)),
        ("deflate", bare(TEXT)),
    ],
    ids=["gzip", "two members", "deflate", "deflate without its envelope"],
)
@pytest.mark.parametrize("chunk", [1, 100, 10**6])
def test_every_coding_is_undone_in_pieces_of_any_size(coding: str, sent: bytes, chunk: int) -> None:
    chunks = [sent[start : start + chunk] for start in range(0, len(sent), chunk)]

    pieces = list(inflated(chunks, coding, at_once=1000))

    assert b"".join(pieces) == TEXT
    assert max(map(len, pieces)) <= 1000


def test_a_bomb_comes_out_a_piece_at_a_time() -> None:
    bomb = gzip.compress(bytes(50_000_000))

    first = next(piece for piece in inflated([bomb], "gzip", at_once=10_000) if piece)

    assert len(first) == 10_000


@given(st.binary(min_size=1, max_size=200), st.integers(0, 100))
def test_anything_else_is_damage_and_never_another_error(noise: bytes, kept: int) -> None:
    sent = gzip.compress(TEXT)[:kept] + noise
    try:
        got = b"".join(inflated([sent], "gzip", at_once=1000))
    except Damaged:
        return
    assert got == TEXT or sent == b""
