"""A header field whose value goes out as it is."""

from email.policy import SMTP, EmailPolicy
from typing import Self

FOLD = "\r\n "


class Field(str):
    """The value of a field in its final form: ASCII, and folded already.

    Attributes:
        name: of the field. `EmailPolicy` keeps a value that carries its field's name, and does not parse it.
    """

    __slots__ = ("name",)
    name: str

    def __new__(cls, name: str, value: str) -> Self:
        field = super().__new__(cls, value)
        field.name = name
        return field


class _AsWritten(EmailPolicy):
    """SMTP's line ends and limits; a `Field` is written as it is."""

    def fold_binary(self, name: str, value: str) -> bytes:
        if isinstance(value, Field):
            return f"{name}: {value}\r\n".encode("ascii")
        return super().fold_binary(name, value)


SEVEN_BIT = _AsWritten(
    linesep=SMTP.linesep, max_line_length=SMTP.max_line_length, raise_on_defect=False, cte_type="7bit"
)
"""What every relay takes, also one without 8BITMIME; text inside base64 has CRLF line ends, as RFC 2045 wants."""
