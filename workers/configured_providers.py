"""The provider clients that the settings describe. To add a provider, build its client here and give it to its actor in `wiring.py`."""

from collections.abc import Callable

from providers.downloads import DownloadConfig, Downloader
from providers.health import Health
from providers.jellyfin import JellyfinConfig, UserDirectory
from workers.settings import Settings


class ConfiguredProviders:
    """Clients by provider name; families that are not configured are empty. Connects on first use.

    Attributes:
        directories: where users live.
        mailers: who sends mail.
        downloaders: who brings files.
        checks: how to look at each provider's health.
    """

    def __init__(self, settings: Settings) -> None:
        self.directories = _directories(settings)
        self.mailers = _mailers(settings)
        self.downloaders = _downloaders(settings)
        clients = [*self.directories.items(), *self.mailers.items(), *self.downloaders.items()]
        self.checks: dict[str, Callable[[], Health]] = {name: client.health for name, client in clients}


def _directories(settings: Settings) -> dict[str, UserDirectory]:
    if settings.jellyfin_url is None or settings.jellyfin_token is None:
        return {}
    config = JellyfinConfig(url=settings.jellyfin_url, token=settings.jellyfin_token)
    return {config.name: UserDirectory(config)}


def _downloaders(settings: Settings) -> dict[str, Downloader]:
    if settings.download_root is None:
        return {}
    config = DownloadConfig(root=settings.download_root, allow_private_addresses=settings.download_allow_private)
    return {"http": Downloader(config, provider="http")}
