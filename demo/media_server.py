"""The media server as its administrator uses it, independent of the fleet."""

from types import TracebackType
from typing import Any, Self

import httpx

from demo.scenario import JELLYFIN_TOKEN


class MediaServer:
    """Its HTTP API, with the API key."""

    def __init__(self, url: str) -> None:
        headers = {"Authorization": f'MediaBrowser Token="{JELLYFIN_TOKEN}"'}
        self._client = httpx.Client(base_url=url, headers=headers, trust_env=False, timeout=10)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._client.close()

    def create(self, name: str) -> None:
        self._client.post("/Users/New", json={"Name": name, "Password": "changed later"}).raise_for_status()

    def accounts(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self._client.get("/Users").raise_for_status().json()
        return found

    def set_administrator(self, name: str, *, to: bool) -> None:
        account = next(account for account in self.accounts() if account["Name"] == name)
        policy = account["Policy"] | {"IsAdministrator": to}
        self._client.post(f"/Users/{account['Id']}/Policy", json=policy).raise_for_status()
