"""Mailboxes: an address with the name beside it (RFC 5322 §3.4)."""

import re

from providers.smtp.headers.encoded_word import LONGEST, Unwritable, check_writable, encoded_word, is_plain
from providers.smtp.headers.field import FOLD, Field

LONGEST_LINE = 998
"""Characters, RFC 5322 §2.1.1."""
_ATOMS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?: [A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")


def mailbox(name: str, address: str, display_name: str = "") -> Field:
    """A field with one address, in its ASCII form, and the name beside it.

    Raises:
        Unwritable: the display name holds a character that no header field can carry or two spaces in a row, or is too long for a line.
    """
    if not display_name:
        return Field(name, address)
    check_writable(display_name)
    if re.search(r"\s\s", display_name):
        raise Unwritable(
            f"the display name {display_name!r} holds two spaces in a row, which readers take for one; write one"
        )
    phrase = _phrase(display_name)
    if len(name) + 2 + len(phrase) > LONGEST_LINE:
        raise Unwritable(f"the display name of {name} is too long: {len(display_name)} characters")
    # Folded only between name and address, where every reader expects it.
    fits = len(name) + 2 + len(phrase) + len(address) + 3 <= LONGEST
    return Field(name, f"{phrase}{' ' if fits else FOLD}<{address}>")


def _phrase(text: str) -> str:
    if not is_plain(text):
        # One word however long, against RFC 2047 §2: Python's current parser reads a space between two encoded words of a phrase, others
        # read none, so that only an undivided name is read alike by all.
        return encoded_word(text)
    if _ATOMS.fullmatch(text):
        return text
    return '"' + re.sub(r'(["\\])', r"\\\1", text) + '"'
