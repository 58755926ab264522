"""Symmetric signatures of Standard Webhooks 1.0.0, "Signature scheme": HMAC-SHA256 over `{id}.{timestamp}.{body}`. A rule: no clock."""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Iterable, Mapping
from datetime import datetime

PREFIX = "whsec_"
SHORTEST_KEY_BYTES = 24
LONGEST_KEY_BYTES = 64


class SecretInvalid(ValueError):
    """Raised when a text is not a secret for signing. The message repeats nothing of it."""


def signing_key(secret: str) -> bytes:
    """The key in a secret as it is written, `whsec_` and 24 to 64 bytes in base64.

    Raises:
        SecretInvalid: see there.
    """
    advice = f"write {PREFIX} and {SHORTEST_KEY_BYTES} to {LONGEST_KEY_BYTES} random bytes in base64"
    if not secret.startswith(PREFIX):
        raise SecretInvalid(f"does not begin with {PREFIX}; {advice}")
    written = secret.removeprefix(PREFIX)
    try:
        key = base64.b64decode(written + "=" * (-len(written) % 4), validate=True)
    except (binascii.Error, ValueError):
        raise SecretInvalid(f"does not continue in base64; {advice}") from None
    if not SHORTEST_KEY_BYTES <= len(key) <= LONGEST_KEY_BYTES:
        raise SecretInvalid(f"holds {len(key)} bytes; {advice}")
    return key


def signed(message_id: str, at: datetime, body: bytes, keys: Iterable[bytes]) -> Mapping[str, str]:
    """The three headers of an attempt, with one signature for each key: while a secret is replaced, receivers know either.

    Args:
        message_id: the same at each attempt; without a `.`.
        at: when the attempt is made.
        body: as it is sent, byte by byte.
        keys: from `signing_key`.
    """
    timestamp = str(int(at.timestamp()))
    content = b".".join([message_id.encode(), timestamp.encode(), body])
    digests = (hmac.new(key, content, hashlib.sha256).digest() for key in keys)
    signatures = " ".join(f"v1,{base64.b64encode(digest).decode()}" for digest in digests)
    return {"webhook-id": message_id, "webhook-timestamp": timestamp, "webhook-signature": signatures}
