"""Mail addresses as they travel in an envelope and in a header."""

import ipaddress
import re

import idna

_LOCAL = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
"""A dot-atom, RFC 5322 §3.2.3."""
_HOST = re.compile(r"(?!-)[A-Za-z0-9_-]{1,63}(?<!-)(?:\.(?!-)[A-Za-z0-9_-]{1,63}(?<!-))*")
"""Labels of a host name (RFC 1123 §2.1), and the underscore, which some networks use."""
_LONGEST_DOMAIN = 253


class InvalidAddress(ValueError):
    """Raised when mail cannot be addressed so; the message says why."""


def ascii_form(address: str) -> str:
    """The address with its domain in ASCII (IDNA 2008, RFC 5891, after the mapping of UTS 46 without its transitional part).

    Raises:
        InvalidAddress: it is no `user@host`, its domain is no domain, or its local part is not ASCII. That would need SMTPUTF8 at every
            relay on the way.
    """
    local, at, domain = address.rpartition("@")
    if not at or not local.isascii():
        raise InvalidAddress(f"{address!r} needs the form user@host, with a user in ASCII")
    if not _LOCAL.fullmatch(local):
        raise InvalidAddress(f"{address!r} holds characters before the @ that no address may have there unquoted")
    if "=?" in local:
        # Readers decode it in headers, and answers would go to another address.
        raise InvalidAddress(f"{address!r} holds =?, which mail programs take for encoded text")
    return f"{local}@{_ascii_part(address, domain)}"


def ascii_domain(domain: str) -> str:
    """A domain or host name in ASCII, by the same rules.

    Raises:
        InvalidAddress: it is none.
    """
    try:
        plain = domain if domain.isascii() else idna.encode(domain, uts46=True).decode("ascii")
    except idna.IDNAError as error:
        raise InvalidAddress(f"{domain!r} is no domain: {error}") from error
    if not _HOST.fullmatch(plain) or len(plain) > _LONGEST_DOMAIN:
        raise InvalidAddress(f"{domain!r} is no domain")
    return plain


def _ascii_part(address: str, domain: str) -> str:
    try:
        if domain.startswith("[") and domain.endswith("]"):
            ipaddress.IPv4Address(domain[1:-1])
            return domain
        return ascii_domain(domain)
    except ValueError as error:
        raise InvalidAddress(f"{address!r} has no valid domain: {error}") from error
