"""What a host's answer to a GET means for the part (RFC 9110 §14, §15.3.7, §15.5.17). A rule over status and fields."""

from dataclasses import dataclass, field

import httpx

from providers.downloads.network.content_range import ContentRange, parse_content_range
from providers.downloads.network.framing import announced_length, is_chunked
from providers.downloads.network.version import Version, version_of
from providers.downloads.problems import EndUncertain
from providers.http_client.inflation import CODINGS

_OK, _PARTIAL, _UNSATISFIABLE = 200, 206, 416


@dataclass(frozen=True, slots=True)
class Resumption:
    """What was asked for: everything from `first` on.

    Attributes:
        version: of the bytes that are there; None when another host sent them.
        total: the whole file's length, when known.
        coding: that the bytes are in, as `gzip`; empty when in none.
    """

    first: int
    version: Version | None
    total: int | None
    coding: str = ""

    @property
    def condition(self) -> str | None:
        """What `If-Range` says; None where only a checksum will show whether the bytes belong together."""
        return None if self.version is None else self.version.condition


@dataclass(frozen=True, slots=True)
class Whole:
    """The whole file follows, and replaces what is there."""

    total: int | None
    version: Version = field(default_factory=Version)
    coding: str = ""


@dataclass(frozen=True, slots=True)
class Piece:
    """The next `length` bytes follow, not always all that were asked for."""

    length: int
    total: int | None
    version: Version = field(default_factory=Version, compare=False)


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
        EndUncertain: it is not known whether the body is complete, or it is in a coding that cannot be undone.
    """
    if status == _OK:
        return _whole(headers, is_checkable=is_checkable)
    if status == _PARTIAL:
        return _piece(headers, asked)
    if status == _UNSATISFIABLE:
        return _unsatisfiable(parse_content_range(headers.get("content-range")), headers, asked)
    return None


def _whole(headers: httpx.Headers, *, is_checkable: bool) -> Whole:
    length = announced_length(headers)
    coding = _coding(headers)
    if coding not in {"", *CODINGS} and not is_checkable:
        raise EndUncertain(f"sends {coding[:40]} although no encoding was accepted")
    if length is None and not is_chunked(headers) and not is_checkable:
        raise EndUncertain("does not say how long the file is")
    return Whole(length, version_of(headers), coding)


def _piece(headers: httpx.Headers, asked: Resumption | None) -> Answer:
    found = parse_content_range(headers.get("content-range"))
    if asked is None:
        return Unusable("a part of the file, although the whole file was requested")
    if found is None or found.first != asked.first:
        return Unusable(f"no bytes that begin at {asked.first}")
    unfit = _unfit(found, headers, asked)
    return Piece(found.length, found.total, version_of(headers)) if unfit is None else Unusable(unfit)


def _unfit(found: ContentRange, headers: httpx.Headers, asked: Resumption) -> str | None:
    """Why a piece that begins in the right place does not belong to the bytes that are there."""
    if asked.version is not None and _is_another(version_of(headers), asked.version):
        return "a part of another version"
    if None not in (found.total, asked.total) and found.total != asked.total:
        return "another total length for the same version"
    if announced_length(headers) not in (None, found.length):
        return "a length that is not its range's"
    return "a part of another encoded form" if _coding(headers) != asked.coding else None


def _is_another(found: Version, known: Version) -> bool:
    # A strong tag has to be there again (§15.3.7), and none appears from nowhere.
    return found.etag != known.etag or found.contradicts(known)


def _unsatisfiable(found: ContentRange | None, headers: httpx.Headers, asked: Resumption | None) -> Answer:
    """It only means "complete" where it does not contradict what is known of that version."""
    if asked is None or found is None or found.first is not None or found.total != asked.first:
        return Unusable("416 to a range that it should have")
    if asked.total not in (None, asked.first):
        return Unusable(f"416 as if {asked.first} of {asked.total} bytes were all")
    if asked.version is not None and version_of(headers).contradicts(asked.version):
        return Unusable("416 for another version")
    return Complete()


def _coding(headers: httpx.Headers) -> str:
    coding = headers.get("content-encoding", "").strip().lower()
    return "" if coding == "identity" else str(coding)
