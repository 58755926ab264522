"""What ties a job to the rest of the world: the request that caused it, its trace, and tags of its own."""

import re

from leeward.errors import Invalid

LONGEST_REQUEST_ID = 255
MOST_TAGS, LONGEST_TAG = 8, 64
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_TRACE_ID = re.compile(r"[0-9a-f]{2}-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}.*")
_TRACEPARENT = re.compile(r"(?!ff)[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}(?:-[!-~]*)?")


def check_request_id(request_id: object) -> None:
    """Raises: Invalid: not a text of 1 to 255 characters without control characters that UTF-8 can write."""
    _check_text("request_id", request_id, LONGEST_REQUEST_ID)


def check_traceparent(traceparent: object) -> None:
    """Raises: Invalid: not a `traceparent` of W3C trace context."""
    if not isinstance(traceparent, str) or not _TRACEPARENT.fullmatch(traceparent):
        raise Invalid(
            "traceparent is not one of W3C trace context: pass the header as it came, or as your tracing library writes it,"
            " for example 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01; leave it out where there is none"
        )


def trace_id_of(traceparent: object) -> str | None:
    """The trace that a `traceparent` belongs to; None for what is not one."""
    found = _TRACE_ID.fullmatch(traceparent) if isinstance(traceparent, str) else None
    return found[1] if found else None


def tags_of(tags: object) -> list[str]:
    """The tags without repetitions, in their order.

    Raises:
        Invalid: more than 8, or one that is not a text of 1 to 64 characters without control characters that UTF-8 can write.
    """
    if not isinstance(tags, list | tuple | set | frozenset):
        raise Invalid(
            f"tags is a list of texts; this one is {type(tags).__name__}: write tags=['import', 'customer-7']"
        )
    found = sorted(tags) if isinstance(tags, set | frozenset) else tags
    for tag in found:
        _check_text("a tag", tag, LONGEST_TAG)
    unique = list(dict.fromkeys(found))
    if len(unique) > MOST_TAGS:
        raise Invalid(f"a job has {MOST_TAGS} tags at most; these are {len(unique)}")
    return unique


def _check_text(what: str, text: object, longest: int) -> None:
    if not isinstance(text, str):
        raise Invalid(f"{what} is a text; this one is {type(text).__name__}")
    if not 0 < len(text) <= longest:
        raise Invalid(f"{what} has 1 to {longest} characters; this one has {len(text)}")
    if _CONTROL.search(text):
        raise Invalid(f"{what} must not contain control characters")
    try:
        text.encode()
    except UnicodeEncodeError:
        raise Invalid(f"{what} must be valid Unicode text") from None
