"""The configuration as people may see it."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from pydantic import SecretStr

from leeward.secret import REDACTED
from workers.settings import VARIABLES, Settings
from workers.settings_environment import PREFIX

UNSET = "(not set)"


def displayed(settings: Settings) -> Iterator[tuple[str, str]]:
    """Every variable with its value in use, in the order of the documentation. Secrets are replaced, URLs keep all but the password."""
    for variable, field in VARIABLES.items():
        yield PREFIX + variable, _shown(variable, getattr(settings, field))


def _shown(variable: str, value: Any) -> str:
    if value is None:
        return UNSET
    if isinstance(value, SecretStr):
        return shown_url(value.get_secret_value()) if variable.endswith("_URL") else REDACTED
    if isinstance(value, timedelta):
        return f"{value.total_seconds():g}"
    if isinstance(value, bool):
        return str(value).lower()
    return str(value)


def shown_url(url: str) -> str:
    """The URL with its password, and whatever its query may hold, replaced."""
    parts = urlsplit(url)
    account, at, address = parts.netloc.rpartition("@")
    user, colon, _ = account.partition(":")
    shown = f"{user}{colon}{REDACTED if colon else ''}{at}{address}"
    return urlunsplit(parts._replace(netloc=shown, query=REDACTED if parts.query else ""))
