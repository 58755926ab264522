"""Readers of mail headers: Python's two parsers."""

import email
import email.policy
import json
import re
from collections.abc import Sequence
from email.header import decode_header, make_header
from email.message import EmailMessage, Message
from email.utils import collapse_rfc2231_value, parseaddr


def parsed(raw: bytes) -> EmailMessage:
    """By the current parser."""
    message = email.message_from_bytes(raw, policy=email.policy.default)
    assert isinstance(message, EmailMessage)
    return message


def legacy(raw: bytes) -> Message:
    """By the parser that most programs in Python still use."""
    return email.message_from_bytes(raw)


def legacy_text(value: str) -> str:
    return str(make_header(decode_header(re.sub(r"\r?\n", "", value))))


def legacy_name(value: str) -> str:
    return legacy_text(parseaddr(re.sub(r"\r?\n", "", value))[0])


def legacy_filename(part: Message) -> str:
    """From the parameter itself: `get_filename` unquotes what it has read once more."""
    return collapse_rfc2231_value(part.get_param("filename", header="content-disposition"))  # type: ignore[arg-type]


def as_json(texts: Sequence[str]) -> str:
    """For messages of failures: escapes show what looks alike."""
    return json.dumps(texts)
