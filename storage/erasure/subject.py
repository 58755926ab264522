"""Rule: where a person is named, and by what the name is replaced."""

import hashlib
import hmac
import re
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from leeward.errors import Invalid
from leeward.redaction.escapes import in_any_escape

SHORTEST = 3
LONGEST = 254
_SHORTEST_RUN = 3
_RUN = re.compile(r"[0-9A-Za-z]+")
_PSEUDONYM_DIGITS = 12


class InvalidSubject(Invalid):
    """Raised for a subject that cannot be looked for: too short to name one person, or too long."""

    code = "invalid_subject"

    def __init__(self, subject: str) -> None:
        super().__init__(
            f"a subject has {SHORTEST} to {LONGEST} characters, this one has {len(subject)}: give a mail address or a user name"
        )


@dataclass(frozen=True)
class Subject:
    """A person as the data names them: a mail address or a user name.

    Attributes:
        text: as it was given; its case does not matter.
        key: keys the hash, so that a guess of the person cannot be checked without it.

    Raises:
        InvalidSubject: it is too short or too long.
    """

    text: str
    key: bytes

    def __post_init__(self) -> None:
        if not SHORTEST <= len(self.text) <= LONGEST:
            raise InvalidSubject(self.text)

    @cached_property
    def hash(self) -> str:
        """The keyed hash by which it can be shown later that this person was erased: the same for the same person and key."""
        return hmac.new(self.key, self.text.strip().lower().encode(errors="replace"), hashlib.sha256).hexdigest()

    @cached_property
    def pseudonym(self) -> str:
        """What replaces the person."""
        return f"erased-{self.hash[:_PSEUDONYM_DIGITS]}"

    @cached_property
    def parts(self) -> list[str]:
        """What every text that names the person contains, however it is escaped, in lower case."""
        return [run.lower() for run in _RUN.findall(self.text) if len(run) >= _SHORTEST_RUN]

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        # A longer address or name that contains this one is another person's. A dash before an address more likely belongs to a key that
        # was made of it, as `invite-alice@example.org`; before a name, it is a part of a longer one.
        longer = r"[\w+@]" if "@" in self.text else r"[\w+@-]"
        form = in_any_escape(self.text)
        return re.compile(rf"(?<!{longer})(?<!\w\.)(?:{form})(?!{longer})(?!\.\w)", re.IGNORECASE)

    def is_in(self, value: Any) -> bool:
        """Whether a text, bytes or JSON value names the person."""
        match value:
            case str():
                return self._pattern.search(value) is not None
            case bytes():
                return self.is_in(value.decode("utf-8", "surrogateescape"))
            case dict():
                return any(self.is_in(name) or self.is_in(child) for name, child in value.items())
            case list() | tuple():
                return any(map(self.is_in, value))
        return False

    def erased(self, value: Any) -> Any:
        """The value with the pseudonym in place of the person; what does not name them is as it was."""
        match value:
            case str():
                return self._pattern.sub(self.pseudonym, value)
            case bytes():
                return self.erased(value.decode("utf-8", "surrogateescape")).encode("utf-8", "surrogateescape")
            case dict():
                return {self.erased(name): self.erased(child) for name, child in value.items()}
            case list() | tuple():
                return [self.erased(child) for child in value]
        return value
