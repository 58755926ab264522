"""What a look at a provider's health found."""

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class Health:
    """One look at one provider.

    Attributes:
        healthy: whether it can do its work now.
        detail: what it said or why it could not be asked, in a few words, without secrets.
        latency: how long the answer took, or how long we waited for none.
    """

    healthy: bool
    detail: str
    latency: timedelta
