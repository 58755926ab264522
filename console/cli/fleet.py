"""How a command connects to the fleet."""

import os
import pwd
import socket
from collections.abc import Iterator, Sequence
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


def unknown_names(admin: "Admin", **typed: Sequence[str]) -> list[str]:
    """A sentence about each name that the fleet does not know, for an answer with nothing in it; none where Valkey cannot be asked.

    Args:
        admin: the fleet.
        typed: as `Names.unknown` has them: queue, provider, kind, actor.
    """
    from leeward.errors import LeewardError

    if not any(typed.values()):
        return []
    try:
        known = admin.names()
    except LeewardError:
        return []
    return [said for what, names in typed.items() for said in known.unknown(what, names)]


def who() -> str:
    """The person who runs the command, for the audit: `cli:user@host`."""
    try:
        user = pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        user = str(os.getuid())
    return f"cli:{user}@{socket.gethostname()}"
