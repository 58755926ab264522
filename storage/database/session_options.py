"""What every session with PostgreSQL is opened with: ours, and what the URL's own query says."""

import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from sqlalchemy import URL

SILENCE_TIMEOUT = timedelta(seconds=15)
"""After this time without an answer from the server's machine a connection counts as lost."""
UTC = "-c timezone=UTC"
_NAMED = re.compile(r"(?:^|\s)(?:-c\s*|--)([A-Za-z_][\w.-]*)\s*=")


def connect_arguments(address: URL, connect_timeout: timedelta, application: str) -> dict[str, Any]:
    """For `psycopg.connect`, in addition to the URL. Values in the URL take precedence, except for those that our code depends on:
    answers in UTC and in UTF-8, and no prepared statements, which a pooler would mix up.
    """
    silence_seconds = int(SILENCE_TIMEOUT.total_seconds())
    defaults = {
        "connect_timeout": max(1, round(connect_timeout.total_seconds())),
        "application_name": application,
        # A host that vanished sends no reset: without these a query would wait for the kernel's two hours.
        "keepalives_idle": silence_seconds,
        "keepalives_interval": 5,
        "keepalives_count": 3,
        "tcp_user_timeout": silence_seconds * 1000,
    }
    said = {name: _last(value) for name, value in address.query.items() if name in defaults}
    # The last of two settings of one name counts.
    options = f"{options_of(address)} {UTC}".lstrip()
    return {**defaults, **said, "options": options, "client_encoding": "utf8", "prepare_threshold": None}


def options_of(address: URL) -> str:
    """The URL's `options`, as libpq takes them."""
    value = address.query.get("options", "")
    return value if isinstance(value, str) else " ".join(value)


def settings_named(options: str) -> list[str]:
    """The names of the settings in `-c name=value` and `--name=value`."""
    return [name.lower().replace("-", "_") for name in _NAMED.findall(options)]


def without_options(arguments: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in arguments.items() if name != "options"}


def _last(value: str | tuple[str, ...]) -> str:
    return value if isinstance(value, str) else value[-1]
