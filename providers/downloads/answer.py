"""What a host's answer to a GET means for the part (RFC 9110 §14, §15.3.7, §15.5.17). A rule over status and fields."""

import re
from dataclasses import dataclass

import httpx

from providers.downloads.content_range import ContentRange, parse_content_range
from providers.downloads.problems import EndUncertain

_STRONG_ETAG = re.compile(r'"[\x21\x23-\x7e]*"')
_OK, _PARTIAL, _UNSATISFIABLE = 200, 206, 416


@dataclass(frozen=True, slots=True)
class Resumption:
    """What was asked for: everything from `first` on, if the file's version is still `etag`.

    Attributes:
        total: the whole file's length, when known.
    """

    first: int
    etag: str
    total: int | None


@dataclass(frozen=True, slots=True)
class Whole:
    """The whole file follows, and replaces what is there. `etag` is None unless it is a strong one."""

    etag: str | None
    total: int | None


@dataclass(frozen=True, slots=True)
class Piece:
    """The next `length` bytes follow, not always all that were asked for."""

    length: int
    total: int | None


@dataclass(frozen=True, slots=True)
class Complete:
    """Nothing follows: the bytes that are there are all."""


@dataclass(frozen=True, slots=True)
class Unusable:
    """The part cannot be continued with this answer: begin again."""

    reason: str


Answer = Whole | Piece | Complete | Unusable


def read_answer(status: int, headers: httpx.Headers, asked: Resumption | None, *, is_checkable: bool) -> Answer | None:
    """Reads an answer's head; None when the status is none that brings a file.

    Args:
        status: of the last answer, after redirects.
        headers: its fields.
        asked: the range that was asked for, if any.
        is_checkable: whether the job names the file's size or checksum.

    Raises:
        EndUncertain: nothing could tell whether the body is whole.
    """
    if status == _OK:
        return _whole(headers, is_checkable=is_checkable)
    if status == _PARTIAL:
        return _piece(headers, asked)
    if status == _UNSATISFIABLE:
        return _unsatisfiable(parse_content_range(headers.get("content-range")), asked)
    return None


def strong_etag(headers: httpx.Headers) -> str | None:
    """The validator, if it promises that equal tags mean equal bytes (RFC 9110 §8.8.3)."""
    value = headers.get("etag", "")
    return value if _STRONG_ETAG.fullmatch(value) else None


def _whole(headers: httpx.Headers, *, is_checkable: bool) -> Whole:
    length = _content_length(headers)
    encoding = headers.get("content-encoding", "identity").strip().lower()
    if encoding not in ("identity", "") and not is_checkable:
        raise EndUncertain(f"sends {encoding[:40]} although no encoding was accepted")
    if length is None and not _is_chunked(headers) and not is_checkable:
        raise EndUncertain("does not say how long the file is")
    return Whole(strong_etag(headers), length)


def _piece(headers: httpx.Headers, asked: Resumption | None) -> Answer:
    found = parse_content_range(headers.get("content-range"))
    if asked is None:
        return Unusable("a part of the file, although all of it was asked for")
    if found is None or found.first != asked.first:
        return Unusable(f"no bytes that begin at {asked.first}")
    if strong_etag(headers) != asked.etag:
        return Unusable("a part of another version")
    if None not in (found.total, asked.total) and found.total != asked.total:
        return Unusable("another total length for the same version")
    if _content_length(headers) not in (None, found.length):
        return Unusable("a length that is not its range's")
    return Piece(found.length, found.total)


def _unsatisfiable(found: ContentRange | None, asked: Resumption | None) -> Answer:
    if asked is not None and found is not None and found.first is None and found.total == asked.first:
        return Complete()
    return Unusable("416 to a range that it should have")


def _content_length(headers: httpx.Headers) -> int | None:
    value = headers.get("content-length", "")
    return int(value) if value.isascii() and value.isdecimal() and not _is_chunked(headers) else None


def _is_chunked(headers: httpx.Headers) -> bool:
    return "chunked" in headers.get("transfer-encoding", "").lower()
