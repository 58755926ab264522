"""What is wrong with the configuration, all of it at once."""

from collections.abc import Sequence
from dataclasses import dataclass

from leeward.errors import NotReady


@dataclass(frozen=True, slots=True)
class Problem:
    """One problem.

    Attributes:
        name: where it is: the variable, the place in `leeward.toml`, or what was looked at.
        advice: what is wrong and what to do; never holds a secret.
    """

    name: str
    advice: str

    def __str__(self) -> str:
        return f"{self.name} {self.advice}"


class InvalidSettings(NotReady):
    """Raised when the configuration cannot be used.

    Attributes:
        problems: every one that was found, by name.
    """

    code = "invalid_settings"

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(sorted(problems, key=lambda problem: problem.name))
        listed = "\n".join(f"  - {problem}" for problem in self.problems)
        super().__init__(f"The configuration has {len(self.problems)} problem(s):\n{listed}")
