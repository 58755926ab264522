"""Idempotency keys that are made the same way by every producer."""

from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import Any

from leeward.errors import Invalid
from leeward.jobs.canonical import canonical
from leeward.jobs.idempotency_key import LONGEST
from leeward.jobs.job import Job

_DIGEST = 32
"""Hexadecimal digits, 128 bits: enough that two payloads never meet."""


def key(
    operation: str, provider: str, tenant: str | None, payload: Job | Mapping[str, Any] | Sequence[Any] | None
) -> str:
    """An idempotency key: `<operation>:<provider>:<tenant>:<digest of the payload>`, the same in every program for the same work.

        key("invoice.send", "acme-eu", "customer-17", {"number": "INV-7"})
        # invoice.send:acme-eu:customer-17:0f0f4c3e8c0e3b3a5b6f7d1c2e9a8b70

    Args:
        operation: what is done, as `invoice.send`.
        provider: where.
        tenant: for whom; None where that makes no difference, and then its place is empty.
        payload: what makes this piece of work another than the next: a job, or JSON values. Of it the key has a digest of the canonical
            JSON (RFC 8785) alone, so the order of members and the spacing do not matter, and no value can be read from the key. Leave out
            what differs between two attempts at the same work, such as the time.

    A `%` or `:` in a part is written as `%25` and `%3A`. What would be longer than 255 characters has a digest in place of its first parts.

    Raises:
        Invalid: a part is empty or no text, or the payload is not JSON.
    """
    parts = [
        _part("operation", operation),
        _part("provider", provider),
        "" if tenant is None else _part("tenant", tenant),
    ]
    content = payload.to_payload() if isinstance(payload, Job) else _plain(payload)
    head, digest = ":".join(parts), _digest(canonical(content))
    return f"{head}:{digest}" if len(head) + 1 + _DIGEST <= LONGEST else f"{_digest(head)}:{digest}"


def _part(name: str, value: object) -> str:
    if not isinstance(value, str) or not value:
        raise Invalid(f"the {name} of a key is a text that is not empty; this one is {type(value).__name__}")
    return value.replace("%", "%25").replace(":", "%3A")


def _plain(payload: Mapping[str, Any] | Sequence[Any] | None) -> Any:
    return dict(payload) if isinstance(payload, Mapping) else payload


def _digest(text: str) -> str:
    try:
        return sha256(text.encode()).hexdigest()[:_DIGEST]
    except UnicodeEncodeError:
        raise Invalid("a key must be valid Unicode text") from None
