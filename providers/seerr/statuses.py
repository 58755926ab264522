"""The two enums of Seerr: how a request is, and how the media is that it asks for."""

from enum import Enum


class RequestStatus(Enum):
    """`completed` is Seerr's alone; Overseerr leaves such a request `approved`."""

    PENDING = 1
    APPROVED = 2
    DECLINED = 3
    FAILED = 4
    COMPLETED = 5


class MediaStatus(Enum):
    """`blocklisted` and `deleted` are Seerr's alone."""

    UNKNOWN = 1
    PENDING = 2
    PROCESSING = 3
    PARTIALLY_AVAILABLE = 4
    AVAILABLE = 5
    BLOCKLISTED = 6
    DELETED = 7


OVER = frozenset({"declined", "completed"})
"""Requests of these statuses are over: the server takes a new one for the same media."""


def request_status(value: object) -> str:
    """Its name in lower case; `status_9` for a number that a later release may send."""
    return _name(RequestStatus, value)


def media_status(value: object) -> str:
    """Its name in lower case; `status_9` for a number that a later release may send. Media without any: `unknown`."""
    return MediaStatus.UNKNOWN.name.lower() if value is None else _name(MediaStatus, value)


def is_number(value: object) -> bool:
    """Whether it is a whole number that an id or a status can be; JSON's true is none."""
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**53


def _name(kind: type[Enum], value: object) -> str:
    if not is_number(value):
        return "status_unreadable"
    try:
        return str(kind(value).name).lower()
    except ValueError:
        return f"status_{value}"
