"""Unstructured fields, such as `Subject` (RFC 5322 §3.2.5)."""

from providers.smtp.headers.encoded_word import check_writable, encoded_words, is_plain
from providers.smtp.headers.field import FOLD, Field

LINE = 76
"""Characters of a line; RFC 2047 §2 demands it of lines with encoded words, RFC 5322 §2.1.1 recommends about as much for all."""


def unstructured(name: str, text: str) -> Field:
    """A field whose value is one line of text.

    Raises:
        Unwritable: the text holds a character that no header field can carry.
    """
    check_writable(text)
    if is_plain(text) and all(len(word) < LINE for word in text.split()):
        return Field(name, _folded(name, text.split()))
    return Field(name, FOLD.join(encoded_words(text, LINE - len(f"{name}: "))))


def _folded(name: str, words: list[str]) -> str:
    lines, length = [""], len(name) + 1
    for word in words:
        if length + 1 + len(word) > LINE and lines[-1]:
            lines.append(word)
            length = len(word) + 1
        else:
            lines[-1] = f"{lines[-1]} {word}" if lines[-1] else word
            length += 1 + len(word)
    return FOLD.join(lines)
