"""What operators say that replies of their relay mean. Vendors misuse codes, and `known_texts` cannot know all of them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from leeward.extension.errors import (
    AuthFailed,
    Misconfigured,
    Permanent,
    ProviderError,
    QuotaExceeded,
    RateLimited,
    TargetUnavailable,
    Transient,
)


@dataclass(frozen=True, slots=True)
class Override:
    """A reply with this code whose text holds `text`, in any case, means `kind`."""

    code: int
    text: str
    kind: type[ProviderError]

    def matches(self, code: int, text: str) -> bool:
        return code == self.code and self.text.lower() in " ".join(text.split()).lower()

    def __str__(self) -> str:
        return f"{self.code} {self.text} = {_NAMES[self.kind]}"


KINDS: dict[str, type[ProviderError]] = {
    "transient": Transient,
    "recipient": TargetUnavailable,
    "rate": RateLimited,
    "quota": QuotaExceeded,
    "auth": AuthFailed,
    "misconfigured": Misconfigured,
    "permanent": Permanent,
}
"""The words that operators write: `recipient` is a recipient that is deferred."""
_NAMES = {kind: name for name, kind in KINDS.items()}
_RULE = re.compile(r"([45]\d\d)\s+(.*\S)\s*=\s*(\w+)")


def read_overrides(text: str) -> tuple[Override, ...]:
    """Rules as operators write them: `550 try tomorrow = quota; 554 mailbox busy = recipient`.

    Raises:
        ValueError: one is no such rule; the message says which and what to write.
    """
    return tuple(_overrides(text))


def _overrides(text: str) -> Iterator[Override]:
    for rule in filter(None, (part.strip() for part in re.split(r"[;\n]", text))):
        found = _RULE.fullmatch(rule)
        if found is None or found[3].lower() not in KINDS:
            raise ValueError(
                f"holds {rule!r}, which is not a rule; write a code from 400 to 599, a part of the reply's text, = and one of "
                f"{', '.join(KINDS)}, with ; between rules, as 550 try tomorrow = quota"
            )
        yield Override(int(found[1]), " ".join(found[2].split()), KINDS[found[3].lower()])
