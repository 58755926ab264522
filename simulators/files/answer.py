"""Status, fields and span of an answer: ranges, validators and preconditions as RFC 9110 has them, or as the file says."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from simulators.files.published import Framing, PublishedFile, Ranges

LAST_MODIFIED = "Sun, 06 Nov 1994 08:49:37 GMT"
_RANGE = re.compile(r"bytes=(\d*)-(\d*)")


@dataclass(frozen=True, slots=True)
class FileAnswer:
    """What goes out: the bytes of the content `seed` from `first` on, `length` of them."""

    status: int
    headers: Mapping[str, str]
    seed: str = ""
    first: int = 0
    length: int = 0


def answer(file: PublishedFile, asked: Mapping[str, str], request_number: int) -> FileAnswer:
    """The answer to the n-th request for a file, whose fields are `asked` (names in lower case)."""
    if file.location is not None:
        return FileAnswer(file.redirect_status, {"Location": file.location})
    seed = file.version(request_number)
    etag = file.etag(seed)
    headers = {"Last-Modified": LAST_MODIFIED, "Accept-Ranges": "bytes"} | ({"ETag": etag} if etag else {})
    if file.encoding is not None:
        headers["Content-Encoding"] = file.encoding
    span = _span(file, asked, etag)
    if span is None:
        return FileAnswer(200, headers | _framing(file, file.size), seed, 0, file.size)
    if span.start >= span.stop:
        return _unsatisfiable(file)
    return _partial(file, seed, span, headers)


def _span(file: PublishedFile, asked: Mapping[str, str], etag: str | None) -> range | None:
    """The asked bytes, cut to the file; None for the whole file."""
    if file.ranges is Ranges.UNASKED:
        return range(file.size // 2, file.size)
    found = _RANGE.fullmatch(asked.get("range", ""))
    if found is None or file.ranges is Ranges.IGNORED or not _is_current(file, asked.get("if-range"), etag):
        return None
    first, last = found.groups()
    if file.ranges is Ranges.REFUSED:
        return range(0)
    if not first:
        return range(max(file.size - int(last or 0), 0), file.size)
    stop = min(int(last) + 1 if last else file.size, file.size)
    start = int(first)
    return range(start, stop if file.piece_bytes is None else min(stop, start + file.piece_bytes))


def _is_current(file: PublishedFile, if_range: str | None, etag: str | None) -> bool:
    if if_range is None or not file.heeds_if_range:
        return True
    return if_range in (etag, LAST_MODIFIED) and not if_range.startswith("W/")


def _unsatisfiable(file: PublishedFile) -> FileAnswer:
    is_bare = file.ranges is Ranges.REFUSED
    return FileAnswer(416, {"Content-Length": "0"} | ({} if is_bare else {"Content-Range": f"bytes */{file.size}"}))


def _partial(file: PublishedFile, seed: str, span: range, headers: Mapping[str, str]) -> FileAnswer:
    first = min(span.start + 1, file.size - 1) if file.ranges is Ranges.SHIFTED else span.start
    length = span.stop - first
    total = "*" if file.ranges is Ranges.TOTALLESS else str(file.size)
    fields = dict(headers) | _framing(file, length + file.surplus_bytes)
    if file.ranges is not Ranges.UNLABELLED:
        fields["Content-Range"] = f"bytes {first}-{span.stop - 1}/{total}"
    if not file.tags_pieces:
        fields.pop("ETag", None)
    return FileAnswer(206, fields, seed, first, length + file.surplus_bytes)


def _framing(file: PublishedFile, length: int) -> dict[str, str]:
    return {
        Framing.LENGTH: {"Content-Length": str(length)},
        Framing.CHUNKED: {"Transfer-Encoding": "chunked"},
        Framing.CLOSE: {"Connection": "close"},
    }[file.framing]
