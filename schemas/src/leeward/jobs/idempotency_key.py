"""What an idempotency key may look like."""

LONGEST = 255


def check_key(key: object) -> None:
    """Raises: ValueError: not a text of 1 to 255 characters that UTF-8 can write."""
    if not isinstance(key, str):
        raise ValueError(f"an idempotency key is a text; this one is {type(key).__name__}")  # noqa: TRY004 # one error for a bad key
    if not 0 < len(key) <= LONGEST:
        raise ValueError(f"an idempotency key has 1 to {LONGEST} characters; this one has {len(key)}")
    try:
        key.encode()
    except UnicodeEncodeError:
        raise ValueError("an idempotency key must be valid Unicode text") from None
