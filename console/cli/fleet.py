"""How a command connects to the fleet."""

import os
import pwd
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from leeward_admin import Admin


@contextmanager
def fleet() -> "Iterator[Admin]":
    """The fleet that the environment names, or that `leeward up` runs here.

    Raises:
        InvalidSettings: the environment.
        AddressMissing, ServerUnreachable, SchemaMissing: as soon as something is asked.
    """
    from leeward_admin import Settings, log_errors_only
    from leeward_admin import fleet as opened

    settings = Settings.from_environment()
    log_errors_only(settings)
    with opened(settings) as admin:
        yield admin


def who() -> str:
    """The person who runs the command, for the audit: `cli:user@host`."""
    try:
        user = pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        user = str(os.getuid())
    return f"cli:{user}@{socket.gethostname()}"
