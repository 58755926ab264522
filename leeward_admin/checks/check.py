"""What a check says of one thing."""

from dataclasses import dataclass
from enum import StrEnum

from leeward.actions import Action

EMBEDDED = "no address is set: `leeward up` starts its own"
"""Of a server that this machine starts itself."""


class Verdict(StrEnum):
    OK = "ok"
    WARNING = "warning"
    """The fleet works, but not as well as it should."""
    PROBLEM = "problem"


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at.

    Attributes:
        name: what.
        verdict: how it is.
        detail: a sentence for people; never holds a secret.
        actions: what can be done about it.
    """

    name: str
    verdict: Verdict
    detail: str
    actions: tuple[Action, ...] = ()
