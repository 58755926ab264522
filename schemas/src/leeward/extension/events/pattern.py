"""Which types of events a handler is for: a type, the beginning of one, or all; or several of these."""

import re

SEPARATOR = ", "
ALL = "*"
_END = ".*"
_PATTERN = re.compile(r"\*|[a-z0-9_-]+(\.[a-z0-9_-]+)*\.(\*|[a-z0-9_-]+)")


def patterns(written: str) -> list[str]:
    """One by one, as `user.disabled`, `circuit.*` or `*`."""
    return written.split(SEPARATOR)


def is_pattern(written: object) -> bool:
    """Whether it is one of them."""
    return isinstance(written, str) and _PATTERN.fullmatch(written) is not None


def matches(written: str, name: str) -> bool:
    """Whether a type of events is among several patterns."""
    return any(_is_of(pattern, name) for pattern in patterns(written))


def _is_of(pattern: str, name: str) -> bool:
    if pattern.endswith(_END):
        return name.startswith(pattern.removesuffix(ALL))
    return pattern in {ALL, name}
