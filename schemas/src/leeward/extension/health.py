"""What a health check of a provider found."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Self


@dataclass(frozen=True, slots=True)
class Health:
    """The result of one health check of one provider.

    Attributes:
        ok: whether the provider can do its work now.
        detail: what it answered, or why it could not be asked, in a few words and without secrets.
        latency: how long the answer took; None: the worker measures the whole check.
    """

    ok: bool
    detail: str = ""
    latency: timedelta | None = None

    @classmethod
    def healthy(cls, detail: str = "healthy", *, latency: timedelta | None = None) -> Self:
        return cls(ok=True, detail=detail, latency=latency)

    @classmethod
    def unhealthy(cls, detail: str, *, latency: timedelta | None = None) -> Self:
        return cls(ok=False, detail=detail, latency=latency)
