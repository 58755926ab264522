"""Where hiredis is not installed, answers are read as it reads them, whatever pieces they come in."""

from itertools import pairwise
from typing import Any

import hiredis
import pytest
import redis
from hypothesis import given
from hypothesis import strategies as st

from leeward.wire.valkey.event_loop.answers import INCOMPLETE, PlainAnswers, answers

WHOLE = (
    b"+OK\r\n:7\r\n$5\r\nhello\r\n$0\r\n\r\n$-1\r\n*2\r\n:1\r\n$1\r\nx\r\n*0\r\n*-1\r\n_\r\n#t\r\n#f\r\n,1.5\r\n"
    b"%1\r\n$5\r\nproto\r\n:3\r\n~2\r\n+a\r\n+b\r\n=7\r\ntxt:abc\r\n(123456789012345678901234567890\r\n*1\r\n*1\r\n:-4\r\n"
)


def read(reader: Any, pieces: list[bytes]) -> list[Any]:
    found = []
    for piece in pieces:
        reader.feed(piece)
        while (answer := reader.gets()) is not INCOMPLETE:
            found.append(answer)
    return found


@given(st.lists(st.integers(0, len(WHOLE)), max_size=8))
def test_the_same_answers_in_whatever_pieces(cuts: list[int]) -> None:
    edges = [0, *sorted(cuts), len(WHOLE)]
    pieces = [WHOLE[one:other] for one, other in pairwise(edges)]

    assert [_plain(one) for one in read(PlainAnswers(), pieces)] == [_plain(one) for one in read(answers(), pieces)]


def _plain(answer: Any) -> Any:
    # hiredis has sets of what can be in one; ours are lists, as everything of Leeward takes them.
    return (
        sorted(answer)
        if isinstance(answer, set)
        else int(answer)
        if isinstance(answer, bytes) and answer.isdigit()
        else answer
    )


def test_a_refusal_is_an_error_of_its_kind_and_a_message_of_the_servers_own_is_passed_over() -> None:
    found = read(
        PlainAnswers(),
        [b"-NOSCRIPT No matching script.\r\n", b">2\r\n+message\r\n+x\r\n", b"!9\r\nOOM, full\r\n+OK\r\n"],
    )

    assert isinstance(found[0], redis.exceptions.NoScriptError)
    assert isinstance(found[1], redis.ResponseError)
    assert found[2:] == [b"OK"]


def test_what_is_not_the_protocol_is_refused() -> None:
    with pytest.raises((redis.InvalidResponse, ValueError)):
        read(PlainAnswers(), [b"HTTP/1.1 400 Bad Request\r\n"])


def test_hiredis_is_what_reads_here() -> None:
    assert isinstance(answers(), hiredis.Reader)
