"""Queue names: `<family>.<provider>`, for example `sync.media`."""

import re
from functools import lru_cache

from leeward.errors import Invalid

PART = r"[a-z0-9][a-z0-9_-]{0,62}"
"""A regular expression for a family and for a provider."""
_PART = re.compile(PART)
_QUEUE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,126}")


@lru_cache(maxsize=1024)
def queue_name(family: str, provider: str) -> str:
    """The queue of a family's jobs at a provider.

    Raises:
        Invalid: a part is not a lower-case name of letters, digits, `_` and `-`.
    """
    for part in (family, provider):
        if not is_queue_part(part):
            raise Invalid(f"{part!r} is not a name: use lower-case letters, digits, '_' and '-', 63 characters at most")
    return f"{family}.{provider}"


@lru_cache(maxsize=1024)
def is_queue_part(name: str) -> bool:
    """Whether it can be a part of a queue's name: a family, or a provider."""
    return _PART.fullmatch(name) is not None


@lru_cache(maxsize=1024)
def provider_of(queue: str) -> str:
    """The provider whose guards a queue shares. A queue without a dot (a stock Dramatiq one) is a provider of its own.

    Raises:
        Invalid: the name holds a character that a queue name must not have.
    """
    if not _QUEUE.fullmatch(queue):
        raise Invalid(f"{queue!r} is not a queue name: use letters, digits, '_', '-' and '.', 127 characters at most")
    family, dot, provider = queue.partition(".")
    return provider if dot and provider else family
