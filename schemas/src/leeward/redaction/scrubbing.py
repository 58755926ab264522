"""Replacing known secrets in JSON values."""

import re
from typing import Any

from leeward.jobs.secret import REDACTED
from leeward.redaction.forms import ANYTHING, LONG_ENOUGH


def scrubbed(value: Any, secrets: re.Pattern[str]) -> Any:
    """The value with every occurrence of the secrets replaced, in texts, in names, and in numbers that are one."""
    match value:
        case str():
            return secrets.sub(REDACTED, value)
        case dict():
            named = value if secrets is ANYTHING else {secrets.sub(REDACTED, name): v for name, v in value.items()}
            return {name: scrubbed(v, secrets) for name, v in named.items()}
        case list():
            return [scrubbed(v, secrets) for v in value]
        case bool() | None:
            return value
        case int() | float():
            text = str(value)
            return REDACTED if len(text) >= LONG_ENOUGH and secrets.fullmatch(text) else value
    return value
