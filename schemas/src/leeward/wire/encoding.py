"""How a message becomes bytes."""

from typing import Any

from dramatiq import get_encoder
from dramatiq.encoder import JSONEncoder
from pydantic_core import PydanticSerializationError, to_json


def encode(fields: dict[str, Any]) -> bytes:
    """The bytes of a message's fields, by the encoder that the application has set.

    Dramatiq's own JSON is written by pydantic's serializer, which is several times quicker; what only the original can write, or refuses,
    is left to it.
    """
    encoder = get_encoder()
    if type(encoder) is JSONEncoder:
        try:
            return to_json(fields, inf_nan_mode="constants")
        except (PydanticSerializationError, ValueError):
            return encoder.encode(fields)
    return encoder.encode(fields)
