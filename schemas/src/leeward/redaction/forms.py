"""Finding known secrets in texts that quote them in their own ways."""

import base64
import json
import re
from collections.abc import Iterable, Iterator
from urllib.parse import quote, quote_plus

from leeward.secret import REDACTED

LONG_ENOUGH = 4
"""A shorter secret is replaced only where it stands alone: `a` is part of almost everything."""
_LONGEST_LITERAL = 1_000
"""Of a longer secret only this much is compared; what follows is taken for the rest of it."""
_MOST_SECRETS = 100
"""Looking for more at every place would take for ever: then every text is hidden, and only names are shown."""
ANYTHING = re.compile(r"(?s).+")
_BASE64_AT_LEAST = 8


def finder(secrets: Iterable[str]) -> re.Pattern[str] | None:
    """Finds the secrets as they are and as errors quote them: Python's repr, JSON, a URL, Base64. None where there is nothing to find."""
    known = {secret for secret in secrets if secret and secret != REDACTED}
    if not known:
        return None
    if len(known) > _MOST_SECRETS:
        return ANYTHING
    forms = {form for secret in known for form in _forms(secret)}
    return re.compile("|".join(_matching(form) for form in sorted(forms, key=len, reverse=True)))


def _forms(secret: str) -> Iterator[str]:
    yield secret
    yield repr(secret)[1:-1]
    yield json.dumps(secret)[1:-1]
    yield quote(secret, "", errors="replace")
    yield quote_plus(secret, errors="replace")
    yield from _in_base64(secret)


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
