"""Taking secrets out of bytes that are not a message."""

import re

from leeward.jobs.secret import REDACTED
from leeward.redaction.credentials import without_credentials
from leeward.redaction.names import secret_name
from leeward.redaction.urls import without_url_secrets

_MEMBER = (
    # Bounded, so that bytes made to be slow are not.
    r"""(?P<before>["'](?P<name>NAME)\\{0,8}["']\s{0,64}[:=]\s{0,64}\\{0,8})"""
    # A quoted value, also one whose end is missing, or a bare one.
    r"""(?P<value>"(?:[^"\\]|\\.)*(?:"|\\?$)|'(?:[^'\\]|\\.)*(?:'|\\?$)|[^\s"',}\]][^\s,}\]]*)"""
)


def redacted_bytes(raw: bytes) -> tuple[bytes, frozenset[str], list[str]]:
    """The bytes without what stands behind a name that is secret, without secrets of URLs and credentials of this process; the names; and
    the values, to be looked for elsewhere.
    """
    text = raw.decode("utf-8", "surrogateescape")
    names: set[str] = set()
    values: list[str] = []

    def hide(match: re.Match[str]) -> str:
        names.add(match["name"])
        values.extend(_readings(match["value"]))
        return f'{match["before"]}"{REDACTED}"'

    def note(part: str, value: str) -> None:
        names.add(part)
        values.append(value)

    members = re.compile(_MEMBER.replace("NAME", secret_name()), re.IGNORECASE | re.DOTALL)
    safe = without_url_secrets(without_credentials(members.sub(hide, text)), note)
    return (raw if safe == text else safe.encode("utf-8", "surrogateescape")), frozenset(names), values


def _readings(value: str) -> tuple[str, str]:
    """A value as it stands, and up to the first escaped quote, which ends it when the message was itself quoted."""
    text = value.strip("\"'\\").encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
    return text, re.split(r"\\+[\"']", text)[0]
