"""What a partition may be called. It is a tenant or a user that must not delay the others."""

from leeward.errors import Invalid

LONGEST = 128


def check_partition(partition: object) -> None:
    """Raises: Invalid: not a text of 1 to 128 characters without control characters that UTF-8 can write."""
    if not isinstance(partition, str):
        raise Invalid(f"a partition is a text; this one is {type(partition).__name__}")  # one error for a bad partition
    if not 0 < len(partition) <= LONGEST:
        raise Invalid(f"a partition has 1 to {LONGEST} characters; this one has {len(partition)}")
    if any(character < " " or "\x7f" <= character <= "\x9f" for character in partition):
        raise Invalid("a partition must not contain control characters")
    try:
        partition.encode()
    except UnicodeEncodeError:
        raise Invalid("a partition must be valid Unicode text") from None
