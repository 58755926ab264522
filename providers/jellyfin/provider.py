"""A Jellyfin server, as the fleet knows it."""

from typing import Any, ClassVar

from pydantic import SecretStr

from leeward.extension import Guards, Health, Provider
from leeward.jobs.sync.user import UserState
from providers.jellyfin.settings import JellyfinSettings


class Jellyfin(Provider[JellyfinSettings], type="jellyfin"):
    """One server and its accounts."""

    guards: ClassVar[Guards] = {"limit": 10}

    def open(self) -> None:
        from providers.jellyfin.user_directory import (
            UserDirectory,  # the HTTP client: not for a worker that has no Jellyfin
        )

        self._directory = UserDirectory(self.settings.config(self.name))

    def close(self) -> None:
        self._directory.close()

    def health(self) -> Health:
        return self._directory.health()

    def ensure_user(self, name: str, state: UserState, password: SecretStr | None) -> dict[str, Any]:
        """See `UserDirectory.ensure_user`."""
        return self._directory.ensure_user(name, state, password)
