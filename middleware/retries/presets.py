"""How often and how patiently an actor tries."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class Preset:
    """Attempts in all, and the bounds of the pauses between them.

    Raises:
        ValueError: numbers that make no schedule.
    """

    attempts: int
    shortest: timedelta
    longest: timedelta

    def __post_init__(self) -> None:
        if self.attempts < 1 or not timedelta(0) <= self.shortest <= self.longest:
            raise ValueError(
                f"{self} is no schedule: at least one attempt, and the shortest pause not longer than the longest"
            )


PRESETS = {
    "quick": Preset(3, timedelta(seconds=0.5), timedelta(seconds=5)),
    "standard": Preset(5, timedelta(seconds=1), timedelta(seconds=30)),
    "aggressive": Preset(10, timedelta(seconds=2), timedelta(seconds=60)),
    "gentle": Preset(4, timedelta(seconds=2), timedelta(seconds=30)),
    "rate_limited": Preset(5, timedelta(seconds=5), timedelta(seconds=120)),
}
"""The names that the actor option `retry_preset` may have; `leeward.toml` changes them and adds others (`[retry_presets.NAME]`)."""
DEFAULT = "standard"


@dataclass(frozen=True, slots=True)
class ActorPresets:
    """One actor's: the usual one, and those of the providers where the settings say otherwise."""

    usual: Preset
    at_providers: Mapping[str, Preset] = field(default_factory=dict)

    def at(self, provider: str) -> Preset:
        return self.at_providers.get(provider, self.usual)


def presets_of(chosen: object) -> ActorPresets:
    """What a value of the actor option `retry_preset` means: a name of `PRESETS`, a `Preset`, or `ActorPresets`.

    Raises:
        ValueError: there is no such preset.
    """
    if isinstance(chosen, ActorPresets):
        return chosen
    if isinstance(chosen, Preset):
        return ActorPresets(chosen)
    if isinstance(chosen, str) and chosen in PRESETS:
        return ActorPresets(PRESETS[chosen])
    raise ValueError(f"there is no retry preset {chosen!r}; choose one of {', '.join(PRESETS)}")
