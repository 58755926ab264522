"""An Uptime Kuma, as the fleet knows it."""

from typing import TYPE_CHECKING, ClassVar

from leeward.extension import Guards, Health, Provider
from providers.kuma.settings import KumaSettings

if TYPE_CHECKING:
    from providers.kuma.client import KumaClient


class Kuma(Provider[KumaSettings], type="kuma"):
    """One Uptime Kuma."""

    guards: ClassVar[Guards] = {"limit": 3}

    client: "KumaClient"
    """Once it is open."""

    def open(self) -> None:
        from providers.kuma.client import KumaClient  # the HTTP client: not for a worker that has no Uptime Kuma

        self.client = KumaClient(self.settings, self.context.call)

    def close(self) -> None:
        self.client.close()

    def health(self) -> Health:
        return self.client.health()
