"""Signing in with plex.tv, as the fleet knows it."""

from datetime import timedelta
from typing import TYPE_CHECKING, ClassVar

from leeward.extension import Guards, Health, Provider
from providers.plextv.settings import PlexTvSettings

if TYPE_CHECKING:
    from providers.plextv.sign_in import SignIn


class PlexTv(Provider[PlexTvSettings], type="plextv"):
    """One installation at plex.tv."""

    # Its limits are not published; about ten calls a second were too many, and they are counted by client identifier.
    guards: ClassVar[Guards] = {"limit": 4, "rate": 2}
    sign_in: "SignIn"
    """While it is open."""

    def longest_call(self) -> timedelta:
        return self.settings.timeout

    def open(self) -> None:
        from providers.plextv.sign_in import SignIn  # the HTTP client: not for a worker that signs no person in

        self.sign_in = SignIn(self.settings, self.context.call)

    def close(self) -> None:
        self.sign_in.close()

    def health(self) -> Health:
        self.sign_in.is_reachable()
        return Health.healthy("plex.tv answers")
