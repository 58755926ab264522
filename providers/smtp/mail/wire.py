"""A message as it follows DATA."""

import re
from email.message import EmailMessage

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
