"""The provider clients that the settings describe. To add a provider, build its client here and give it to its actor in `wiring.py`."""

from collections.abc import Callable, Mapping
from email.utils import parseaddr
from functools import partial

from pydantic import SecretStr

from leeward.extension import Health, SessionPermits
from providers.downloads import DownloadConfig, Downloader
from providers.health import answered
from providers.http_client.proxy import ProxyAddress, proxy_address
from providers.jellyfin import JellyfinConfig, UserDirectory
from providers.smtp import Mailer, SmtpConfig, Tls
from workers.settings import Settings


class ConfiguredProviders:
    """Clients by provider name; families that are not configured are empty. Connects on first use.

    Attributes:
        directories: where users live.
        mailers: who sends mail.
        downloaders: who brings files.
        checks: how to look at each provider's health.
    """

    def __init__(self, settings: Settings, session_permits: Callable[[str], SessionPermits] | None = None) -> None:
        self.directories = _directories(settings)
        self.mailers = _mailers(settings, session_permits)
        self.downloaders = _downloaders(settings)
        clients: list[Mapping[str, UserDirectory | Mailer | Downloader]] = [
            self.directories,
            self.mailers,
            self.downloaders,
        ]
        self.checks: dict[str, Callable[[], Health]] = {
            name: partial(answered, client.health) for family in clients for name, client in family.items()
        }


def _directories(settings: Settings) -> dict[str, UserDirectory]:
    if settings.jellyfin_url is None or settings.jellyfin_token is None:
        return {}
    config = JellyfinConfig(
        url=settings.jellyfin_url,
        token=settings.jellyfin_token,
        ca_file=settings.jellyfin_ca_file,
        list_limit_bytes=settings.jellyfin_list_limit_bytes,
        proxy=_proxy(settings.jellyfin_proxy),
    )
    return {config.name: UserDirectory(config)}


def _mailers(settings: Settings, session_permits: Callable[[str], SessionPermits] | None) -> dict[str, Mailer]:
    if settings.smtp_host is None or settings.smtp_sender is None:
        return {}
    name, address = parseaddr(settings.smtp_sender)
    config = SmtpConfig(
        host=settings.smtp_host,
        port=settings.smtp_port_in_use,
        sender=address,
        sender_name=name,
        tls=Tls(settings.smtp_tls),
        username=settings.smtp_username,
        password=settings.smtp_password,
        case_insensitive_domains=settings.smtp_case_insensitive_domains,
        local_name=settings.smtp_local_name,
        overrides=settings.smtp_overrides,
        ca_file=settings.smtp_ca_file,
    )
    return {config.name: Mailer(config, session_permits(config.name) if session_permits else None)}


def _downloaders(settings: Settings) -> dict[str, Downloader]:
    if settings.download_root is None:
        return {}
    config = DownloadConfig(
        root=settings.download_root,
        allow_private_addresses=settings.download_allow_private,
        ca_file=settings.download_ca_file,
        proxy=_proxy(settings.download_proxy),
    )
    return {"http": Downloader(config, provider="http")}


def _proxy(url: SecretStr | None) -> ProxyAddress | None:
    return None if url is None else proxy_address(url.get_secret_value())
