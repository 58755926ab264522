"""When the next of something may go, so that a velocity is kept. Time is an argument: seconds on any clock that only goes forward."""

CATCH_UP_SECONDS = 0.15
"""What a pause may be made up for: 3 % of five seconds. After a longer one the velocity continues as if it had just begun."""


class Velocity:
    """Keeps `per_second`: over any span at most that times the span, plus what a pause of `CATCH_UP_SECONDS` has left, plus one.

    Not thread-safe.
    """

    def __init__(self, per_second: float, now: float) -> None:
        self.per_second = per_second
        self._next = now

    def allowed(self, now: float) -> int:
        """How many may go now."""
        due = max(self._next, now - CATCH_UP_SECONDS)
        return 0 if due > now else int((now - due) * self.per_second) + 1

    def spend(self, went: int, now: float) -> None:
        """So many went now."""
        self._next = max(self._next, now - CATCH_UP_SECONDS) + went / self.per_second

    def wait_seconds(self, now: float) -> float:
        """How long until the next may go."""
        return max(0.0, self._next - now)


class Velocities:
    """The pace of a replay in all and for each provider. `None` for a velocity means that nothing is held up."""

    def __init__(self) -> None:
        self._all: Velocity | None = None
        self._each: dict[str, Velocity] = {}

    def most(self, providers: list[str], limit: int, now: float) -> dict[str, int]:
        """How many of each provider may go now; each by itself, so that all of them together are bounded by `most_in_all`."""
        each = {
            provider: self._each[provider].allowed(now) if provider in self._each else limit for provider in providers
        }
        return {provider: min(limit, allowed) for provider, allowed in each.items() if allowed}

    def most_in_all(self, limit: int, now: float) -> int:
        return limit if self._all is None else min(limit, self._all.allowed(now))

    def spend(self, went: dict[str, int], now: float) -> None:
        """So many of each provider went now."""
        if self._all is not None:
            self._all.spend(sum(went.values()), now)
        for provider, items in went.items():
            if provider in self._each:
                self._each[provider].spend(items, now)

    def wait_seconds(self, providers: list[str], now: float) -> float:
        """How long until something may go."""
        overall = 0.0 if self._all is None else self._all.wait_seconds(now)
        waits = [self._each[name].wait_seconds(now) if name in self._each else 0.0 for name in providers]
        return max(overall, min(waits, default=0.0))

    def set(self, per_second: float | None, per_second_each: float | None, providers: list[str], now: float) -> None:
        """Continues with these velocities. Unchanged ones keep their position."""
        if per_second != (self._all.per_second if self._all else None):
            self._all = None if per_second is None else Velocity(per_second, now)
        if per_second_each is None:
            self._each = {}
            return
        self._each = {
            name: self._each[name]
            if name in self._each and self._each[name].per_second == per_second_each
            else Velocity(per_second_each, now)
            for name in providers
        }
