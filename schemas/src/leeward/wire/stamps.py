"""A producer whose clock is not the server's: what it reckoned from its own now is reckoned from the server's instead.

`enqueue.lua` compares a message's stamp with its own time. Where they differ it adds nothing and answers with its time; the messages are
then sent again, moved by the difference. Where clocks agree that costs one comparison a call.
"""

NO_SPAN_MS = 10**12
"""For a message without a deadline, or whose deadline is an instant."""
LEAST_MS, MOST_MS = 1_000, 60_000


def tolerated_ms(shortest_span_ms: int) -> int:
    """By how much a stamp may differ: the way to the server, or the time that a bulk takes to be made, is no wrong clock."""
    return max(LEAST_MS, min(MOST_MS, shortest_span_ms // 100))


def by_server_clock(message: bytes, sent_ms: int, span_ms: int, now_ms: int) -> bytes:
    """The message as if it had been made by the server's clock, now. Bytes that are not JSON stay as they are.

    Args:
        message: encoded.
        sent_ms: its timestamp.
        span_ms: its deadline less that, or `NO_SPAN_MS`.
        now_ms: the server's time.
    """
    if span_ms != NO_SPAN_MS:
        message = _with_number(message, b"deadline", sent_ms + span_ms, now_ms + span_ms)
    return _with_number(message, b"message_timestamp", sent_ms, now_ms)


def _with_number(message: bytes, name: bytes, old: int, new: int) -> bytes:
    """With a member's number replaced: the last one that is so, for what a job carries in its payload comes before."""
    for colon in (b'":', b'": '):
        before = b'"' + name + colon
        written = before + str(old).encode()
        at = message.rfind(written)
        if at >= 0:
            return message[: at + len(before)] + str(new).encode() + message[at + len(written) :]
    return message
