"""What an idempotency key may look like."""

from leeward.errors import Invalid

LONGEST = 255


def check_key(key: object) -> None:
    """Raises: Invalid: not a text of 1 to 255 characters that UTF-8 can write."""
    if not isinstance(key, str):
        raise Invalid(f"an idempotency key is a text; this one is {type(key).__name__}")  # one error for a bad key
    if not 0 < len(key) <= LONGEST:
        raise Invalid(f"an idempotency key has 1 to {LONGEST} characters; this one has {len(key)}")
    try:
        key.encode()
    except UnicodeEncodeError:
        raise Invalid("an idempotency key must be valid Unicode text") from None
