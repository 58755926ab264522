"""A message as it follows DATA."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from email.message import EmailMessage

from providers.smtp.attachments.attached_file import AttachedFile
from providers.smtp.headers import SEVEN_BIT

_LINE_END = re.compile(rb"\r\n|\r|\n")
_LEADING_DOT = re.compile(rb"^\.", re.MULTILINE)


def wire_form(message: EmailMessage) -> bytes:
    """The message without the final dot: 7-bit, CRLF line ends only, leading dots doubled.

    A bare CR or LF before a dot would let a message pass for two (SMTP smuggling).
    """
    flat = _LINE_END.sub(b"\r\n", message.as_bytes(policy=SEVEN_BIT))
    whole = flat if flat.endswith(b"\r\n") else flat + b"\r\n"
    return _LEADING_DOT.sub(b"..", whole)


@dataclass(frozen=True, slots=True)
class Wire:
    """A message in its wire form, in which some attachments are still files.

    Attributes:
        parts: what is sent, in order.
    """

    parts: tuple[bytes | AttachedFile, ...]

    @property
    def size(self) -> int:
        """How many bytes `blocks` gives."""
        return sum(part.encoded_size if isinstance(part, AttachedFile) else len(part) for part in self.parts)

    def blocks(self) -> Iterator[bytes]:
        """All of it, without the final dot. Raises what `AttachedFile.lines` raises."""
        for part in self.parts:
            if isinstance(part, AttachedFile):
                yield from part.lines()
            else:
                yield part


def wire(message: EmailMessage, attached: Mapping[bytes, AttachedFile]) -> Wire:
    """The message with files in the place of the lines of base64 that stand for them.

    Args:
        message: holds each of these lines once.
        attached: line, without its end -> file.
    """
    rest = wire_form(message)
    parts: list[bytes | AttachedFile] = []
    for line, file in attached.items():
        before, found, rest = rest.partition(b"\r\n" + line + b"\r\n")
        assert found, "the message has no place for an attachment"
        parts += [before + b"\r\n", file]
    return Wire((*parts, rest))
