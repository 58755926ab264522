"""A Jellyfin server, as the fleet knows it."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Any, ClassVar

from pydantic import SecretStr

from leeward.extension import Guards, Health, Provider
from leeward.jobs.sync.user import UserState
from providers.jellyfin.settings import JellyfinSettings

if TYPE_CHECKING:
    from providers.jellyfin.server import ServerInfo


class Jellyfin(Provider[JellyfinSettings], type="jellyfin"):
    """One server and its accounts."""

    # A job that waits for the end of a scan, or is about a hundred accounts, is not a slow call.
    guards: ClassVar[Guards] = {"limit": 10, "slow": timedelta(days=2)}

    def open(self) -> None:
        from providers.jellyfin.user_directory import (
            UserDirectory,  # the HTTP client: not for a worker that has no Jellyfin
        )

        self._directory = UserDirectory(self.settings.config(self.name), call=self.context.call)

    def close(self) -> None:
        self._directory.close()

    def health(self) -> Health:
        return self._directory.health()

    def ensure_user(
        self,
        name: str,
        state: UserState,
        password: SecretStr | None,
        *,
        policy: Mapping[str, Any] | None = None,
        create: bool | None = None,
        take_over: bool = True,
    ) -> dict[str, Any]:
        """See `UserDirectory.ensure_user`."""
        return self._directory.ensure_user(name, state, password, policy=policy, create=create, take_over=take_over)

    def info(self) -> "ServerInfo":
        """Its name and version; shows that the key works."""
        return self._directory.server.info()

    def request_refresh(self) -> None:
        """See `Server.refresh_library`."""
        self._directory.server.refresh_library()

    def refresh_library(self, on_progress: Callable[[float], None]) -> dict[str, Any]:
        """See `Library.refresh`."""
        return self._directory.library.refresh(on_progress)
