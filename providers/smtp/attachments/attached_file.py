"""A file on its way into a mail, in base64, never whole in memory."""

import base64
from collections.abc import Iterator
from contextlib import suppress
from typing import BinaryIO

from leeward.extension.errors import TargetUnavailable

_BYTES_A_LINE = 57
"""76 characters of base64, the longest line of it (RFC 2045 §6.8)."""
_LINE = 76
_LINES_AT_ONCE = 1024


class AttachedFile:
    """An open file of a known size. Close it when the mail is sent, or will not be.

    Attributes:
        name: as people may see it.
        size_bytes: what was found when it was opened, and what is sent.
    """

    def __init__(self, name: str, stream: BinaryIO, size_bytes: int) -> None:
        self.name = name
        self.size_bytes = size_bytes
        self._stream = stream

    @property
    def encoded_size(self) -> int:
        """How many bytes `lines` gives."""
        lines = -(-self.size_bytes // _BYTES_A_LINE)
        return 4 * -(-self.size_bytes // 3) + 2 * lines

    def lines(self) -> Iterator[bytes]:
        """The content as lines of base64, each with its CRLF, many at once. May be called again.

        Raises:
            TargetUnavailable: the file is not any more what it was when it was opened. The mail must not be ended then.
        """
        for block in self.blocks(_BYTES_A_LINE * _LINES_AT_ONCE):
            encoded = base64.b64encode(block)
            yield b"".join(encoded[at : at + _LINE] + b"\r\n" for at in range(0, len(encoded), _LINE))

    def blocks(self, size: int) -> Iterator[bytes]:
        """The content in pieces of `size` bytes, of which the last may be shorter. Raises as `lines` does."""
        left = self.size_bytes
        try:
            self._stream.seek(0)
            while left:
                block = self._stream.read(min(size, left))
                if len(block) != min(size, left):
                    raise self._changed("has become shorter")
                left -= len(block)
                yield block
            if self._stream.read(1):
                raise self._changed("has become longer")
        except OSError as error:
            raise self._changed(f"cannot be read: {error.strerror}") from error

    def close(self) -> None:
        with suppress(OSError):
            self._stream.close()

    def _changed(self, how: str) -> TargetUnavailable:
        return TargetUnavailable(f"the attachment {self.name!r} {how} while it is sent", operation="attach")
