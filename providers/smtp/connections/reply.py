"""Reading one reply (RFC 5321 §4.2) within bounds: of its lines, of their number, and of the time for all of them."""

import re
from collections.abc import Callable

LONGEST_LINE = 4096
"""Bytes. The RFC allows 512; some servers explain more."""
MOST_LINES = 128
"""Of one reply. An EHLO with thirty extensions is long."""
UNREADABLE = -1
"""In place of a code: a line that is none of SMTP."""

_LINE = re.compile(rb"([2-5][0-9][0-9])(?:([ -])(.*))?", re.DOTALL)


class ReplyTooLong(Exception):
    """Raised when a server says more than any reply may hold."""


def read_reply(receive: Callable[[], bytes], unread: bytearray) -> tuple[int, bytes]:
    """The code and the text of the next reply, its lines with a line feed between.

    The code is `UNREADABLE` when a line is not SMTP's; the text is that line.

    Args:
        receive: brings more bytes; empty at the end of the stream. What it raises is raised again.
        unread: bytes that have come already. Holds afterwards what follows the reply.

    Raises:
        ReplyTooLong: a line or the number of lines is beyond all bounds.
        EOFError: the stream ends before the reply does.
    """
    texts: list[bytes] = []
    while True:
        line = _line(receive, unread)
        found = _LINE.fullmatch(line)
        if found is None:
            return UNREADABLE, line
        texts.append((found[3] or b"").strip(b" \t"))
        if found[2] != b"-":
            return int(found[1]), b"\n".join(texts)
        if len(texts) >= MOST_LINES:
            raise ReplyTooLong(f"a reply of more than {MOST_LINES} lines")


def _line(receive: Callable[[], bytes], unread: bytearray) -> bytes:
    searched = 0
    while (end := unread.find(b"\n", searched)) < 0 and len(unread) <= LONGEST_LINE:
        searched = len(unread)
        received = receive()
        if not received:
            raise EOFError("the connection was closed")
        unread += received
    if end < 0 or end > LONGEST_LINE:
        raise ReplyTooLong(f"a line of more than {LONGEST_LINE} bytes")
    line = bytes(unread[:end]).rstrip(b"\r")
    del unread[: end + 1]
    return line
