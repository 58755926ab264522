"""The configuration as people may see it."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from pydantic import SecretStr

from leeward.jobs.secret import REDACTED
from workers.settings.environment import PREFIX
from workers.settings.settings import VARIABLES, Settings

UNSET = "(not set)"


def displayed(settings: Settings) -> Iterator[tuple[str, str]]:
    """Every variable with its value in use, in the order of the documentation. Secrets are replaced, URLs keep all but the password."""
    for variable, field in VARIABLES.items():
        yield PREFIX + variable, _shown(variable, getattr(settings, field))


def _shown(variable: str, value: Any) -> str:
    if value is None:
        return UNSET
    if isinstance(value, SecretStr):
        return shown_url(value.get_secret_value()) if variable.endswith(("_URL", "_PROXY")) else REDACTED
    if isinstance(value, timedelta):
        return f"{value.total_seconds():g}" if variable.endswith("_SECONDS") else _shown_period(value)
    if isinstance(value, tuple):
        return "; ".join(str(each) for each in value) or UNSET
    if isinstance(value, bool):
        return str(value).lower()
    return str(value)


def _shown_period(period: timedelta) -> str:
    hours = round(period / timedelta(hours=1))
    return f"{hours}h" if hours % 24 else f"{hours // 24}d"


def shown_url(url: str) -> str:
    """The URL with its password, and whatever its query may hold, replaced."""
    parts = urlsplit(url)
    account, at, address = parts.netloc.rpartition("@")
    user, colon, _ = account.partition(":")
    shown = f"{user}{colon}{REDACTED if colon else ''}{at}{address}"
    return urlunsplit(parts._replace(netloc=shown, query=REDACTED if parts.query else ""))
