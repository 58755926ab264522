"""Rule: when two addresses are one mailbox."""

from collections.abc import Iterable

from providers.smtp.mail.address import InvalidAddress, ascii_form

EVERY_DOMAIN = "*"


def mailbox_key(address: str, case_insensitive: Iterable[str] = ()) -> str:
    """What two spellings of one mailbox have in common: the ASCII form, its domain in lower case (RFC 5321 §2.4).

    Args:
        address: as a producer wrote it. Text that is not an address is its own mailbox.
        case_insensitive: ASCII domains, in lower case, that deliver to `Alice` and `alice` alike; `*` means all.
    """
    try:
        local, _, domain = ascii_form(address).rpartition("@")
    except InvalidAddress:
        return address
    domain = domain.lower()
    folds = domain in case_insensitive or EVERY_DOMAIN in case_insensitive
    return f"{local.lower() if folds else local}@{domain}"
