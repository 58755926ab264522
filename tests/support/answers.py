"""Answers that a test knows more about than their types say; whatever else they are fails the test."""

from collections.abc import Sequence

import redis

from leeward import Enqueued
from leeward.request import Answer


def raw(answer: object) -> bytes:
    """Of a client that decodes nothing."""
    assert isinstance(answer, bytes), answer
    return answer


def text(answer: object) -> str:
    return raw(answer).decode()


def entries(client: "redis.Redis", stream: str) -> list[tuple[bytes, dict[bytes, bytes]]]:
    """Of a stream, oldest first."""
    found = client.xrange(stream)
    assert found is not None
    return [(raw(id_), {raw(name): raw(value) for name, value in (fields or {}).items()}) for id_, fields in found]


def accepted(answers: Sequence[Answer]) -> list[Enqueued]:
    """Of `enqueue_many`, when every job was taken."""
    taken = [answer for answer in answers if isinstance(answer, Enqueued)]
    assert len(taken) == len(answers), answers
    return taken
