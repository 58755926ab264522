"""The SHA-256 that a host itself names for a file: `Repr-Digest` (RFC 9530 §3) and the older `Digest` (RFC 3230)."""

import base64
import binascii
import re
from collections.abc import Mapping

_NOW = re.compile(r"(?:^|,)\s*sha-256=:(?P<value>[A-Za-z0-9+/]{43}=):\s*(?:;[^,]*)?(?=,|$)")
_BEFORE = re.compile(r"(?:^|,)\s*sha-256=(?P<value>[A-Za-z0-9+/]{43}=)\s*(?=,|$)", re.IGNORECASE)


def named_sha256(headers: Mapping[str, str]) -> str | None:
    """As hexadecimal digits; None when no usable one is there. It is of the whole file as it is sent, whichever part of it comes."""
    found = _NOW.search(headers.get("repr-digest", "")) or _BEFORE.search(headers.get("digest", ""))
    if found is None:
        return None
    try:
        return base64.b64decode(found["value"], validate=True).hex()
    except binascii.Error:  # pragma: no cover # the pattern leaves nothing that could fail
        return None
