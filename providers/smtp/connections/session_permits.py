"""Sessions with a relay where they are not counted for the whole fleet."""

from collections.abc import Collection


class Unlimited:
    """As in a script of its own."""

    def acquire(self, session: str) -> bool:
        return True

    def keep(self, sessions: Collection[str]) -> bool:
        return False

    def release(self, session: str) -> None:
        pass
