"""Replies whose code says one thing while their text means another. Vendors misuse codes; the text decides."""

from dataclasses import dataclass

from providers.errors import ProviderError, QuotaExceeded, RateLimited, Transient


@dataclass(frozen=True, slots=True)
class Override:
    """A reply with this code whose text holds `text`, in any case, means `kind`."""

    code: int
    text: str
    kind: type[ProviderError]

    def matches(self, code: int, text: str) -> bool:
        return code == self.code and self.text.lower() in text.lower()


KNOWN: tuple[Override, ...] = (
    # Amazon SES: one code for three things.
    Override(454, "daily message quota exceeded", QuotaExceeded),
    Override(454, "maximum sending rate exceeded", RateLimited),
    Override(454, "throttling failure", RateLimited),
    # Huawei KooMessage: a limit that passes, told with a permanent code.
    Override(500, "number of sessions exceeds the maximum", Transient),
)
"""In order; the first that matches decides."""
