"""Mail addresses as they travel in an envelope."""

from email.errors import HeaderParseError
from email.headerregistry import Address


class InvalidAddress(ValueError):
    """Raised when mail cannot be addressed so; the message says why."""


def ascii_form(address: str) -> str:
    """The address with its domain in ASCII (IDNA).

    Raises:
        InvalidAddress: it is no `user@host`, or its local part is not ASCII. That would need SMTPUTF8 at every relay on
            the way.
    """
    local, at, domain = address.rpartition("@")
    if not at or not local.isascii():
        raise InvalidAddress(f"{address!r} needs the form user@host, with a user in ASCII")
    try:
        plain = f"{local}@{domain.encode('idna').decode('ascii')}"
        Address(addr_spec=plain)
    except (ValueError, IndexError, HeaderParseError) as error:
        raise InvalidAddress(f"{address!r} is not an address: {error}") from error
    if any(character.isspace() or character in "<>" for character in plain):
        raise InvalidAddress(f"{address!r} holds characters that no address may have")
    return plain
