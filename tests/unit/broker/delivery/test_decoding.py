"""Bytes become a message whose fields are of the types that Dramatiq's threads rely on, or no message."""

import json
from typing import Any

import pytest
from dramatiq.errors import DecodeError

from broker.delivery.decoding import decode

MESSAGE: dict[str, Any] = {
    "queue_name": "lab",
    "actor_name": "act",
    "args": [1],
    "kwargs": {"a": 1},
    "options": {"priority": "bulk"},
    "message_id": "id",
    "message_timestamp": 1_750_000_000_000,
}


def written(**changed: Any) -> bytes:
    return json.dumps(MESSAGE | changed).encode()


@pytest.mark.parametrize("timestamp", [1_750_000_000_000, 1.75e12, True])
def test_a_sound_message_is_read(timestamp: object) -> None:
    message = decode(written(message_timestamp=timestamp))

    assert message.asdict() == MESSAGE | {"args": (1,), "message_timestamp": timestamp}


@pytest.mark.parametrize("name", ["queue_name", "actor_name", "message_id", "message_timestamp", "kwargs", "options"])
@pytest.mark.parametrize("value", [None, [], "text", 1, {}])
def test_a_field_of_another_type_is_named(name: str, value: object) -> None:
    if isinstance(value, int if name == "message_timestamp" else type(MESSAGE[name])):
        return

    with pytest.raises(DecodeError, match=f"`{name}` of the message is not of type"):
        decode(written(**{name: value}))


@pytest.mark.parametrize("throws", ["ValueError", ["ValueError"], 1, False])
def test_an_option_throws_that_names_no_exceptions_is_refused(throws: object) -> None:
    with pytest.raises(DecodeError, match="`throws`"):
        decode(written(options={"throws": throws}))


def test_an_option_throws_may_be_null() -> None:
    assert decode(written(options={"throws": None})).options == {"throws": None}
