"""Finding known secrets in texts that quote them in their own ways."""

import base64
import json
import re
from collections.abc import Iterable, Iterator
from urllib.parse import quote

from leeward.jobs.secret import REDACTED
from leeward.redaction.escapes import are_few, in_any_escape

LONG_ENOUGH = 4
"""A shorter secret is replaced only where it stands alone: `a` is part of almost everything."""
_LONGEST_LITERAL = 1_000
"""Of a longer secret only this much is compared; what follows is taken for the rest of it."""
_MOST_SECRETS = 100
"""Looking for more at every place would take for ever: then every text is hidden, and only names are shown."""
ANYTHING = re.compile(r"(?s).+")
_BASE64_AT_LEAST = 8
_CASE_FROM = 8


def finder(secrets: Iterable[str]) -> re.Pattern[str] | None:
    """Finds the secrets as they are and as errors quote them: escaped in any way, in Base64, in hexadecimal digits. From eight characters
    on their case does not matter. None where there is nothing to find.
    """
    known = sorted({secret for secret in secrets if secret and secret != REDACTED}, key=len, reverse=True)
    if not known:
        return None
    if len(known) > _MOST_SECRETS:
        return ANYTHING
    escapes = all(len(secret) <= _LONGEST_LITERAL for secret in known) and are_few(known)
    forms = [form for secret in known for form in (_escaped(secret) if escapes else _quoted(secret))]
    return re.compile("|".join([*forms, *(re.escape(form) for secret in known for form in _in_base64(secret))]))


def _escaped(secret: str) -> Iterator[str]:
    form = in_any_escape(secret)
    if len(secret) < LONG_ENOUGH:
        yield rf"(?<!\w)(?:{form})(?!\w)"
        return
    # Providers and libraries write digits and names in the case that they like. A short secret in another case is an everyday word.
    yield f"(?i:{form})" if len(secret) >= _CASE_FROM else form
    data = secret.encode(errors="replace")
    yield f"(?i:{data.hex()}|{''.join(f'%{byte:02x}' for byte in data)})"


def _quoted(secret: str) -> Iterator[str]:
    forms = {secret, repr(secret)[1:-1], json.dumps(secret)[1:-1], quote(secret, "", errors="replace")}
    yield from map(_matching, sorted(forms, key=len, reverse=True))


def _in_base64(secret: str) -> Iterator[str]:
    """What Base64 makes of a secret between other bytes, as `user:password` has it: without the characters that its neighbours share."""
    if len(secret) > _LONGEST_LITERAL:
        return
    data = secret.encode(errors="replace")
    for offset in range(3):
        text = base64.b64encode(bytes(offset) + data).decode("ascii").rstrip("=")
        first = -(-offset * 8 // 6)
        whole = text[first : len(text) - (1 if (offset + len(data)) % 3 else 0)]
        if len(whole) >= _BASE64_AT_LEAST:
            yield whole
            yield whole.translate({ord("+"): "-", ord("/"): "_"})


def _matching(form: str) -> str:
    if len(form) < LONG_ENOUGH:
        return rf"(?<!\w){re.escape(form)}(?!\w)"
    rest = len(form) - _LONGEST_LITERAL
    return re.escape(form[:_LONGEST_LITERAL]) + (rf"(?s:.{{0,{rest}}})" if rest > 0 else "")
