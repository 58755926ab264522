"""An answer that was read to its end, or to its limit."""

from dataclasses import dataclass
from http import HTTPStatus

import httpx


@dataclass(frozen=True, slots=True)
class Answer:
    """`body` is decoded; of an answer that is no success, only the beginning may be there."""

    status: int
    headers: httpx.Headers
    body: bytes

    @property
    def text(self) -> str:
        """As UTF-8, whatever the answer calls its character set: no name of a character set is looked up."""
        return self.body.decode("utf-8", "replace")

    @property
    def media_type(self) -> str:
        """In lower case, without parameters; empty when the answer names none."""
        return str(self.headers.get("Content-Type", "")).partition(";")[0].strip().lower()

    @property
    def is_html(self) -> bool:
        return self.media_type in {"text/html", "application/xhtml+xml"}

    @property
    def is_json(self) -> bool:
        return self.media_type == "application/json" or self.media_type.endswith("+json")

    @property
    def is_success(self) -> bool:
        return HTTPStatus.OK <= self.status < HTTPStatus.MULTIPLE_CHOICES
