"""The settings of an Uptime Kuma, in `[providers.NAME]` or as `LEEWARD_KUMA_URL` and so on."""

import re
from collections.abc import Mapping
from datetime import timedelta
from types import MappingProxyType
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, SecretStr, model_validator

from providers.setting_values import CaFile, ProxyUrl, WebUrl

FLEET = "fleet"
"""The name of the heartbeat that says that scheduler, workers and Valkey work: whatever pushes it has run."""

Slug = Annotated[str, Field(pattern=r"^[a-z0-9-]{1,255}$")]
_TOKEN = re.compile(r"[A-Za-z0-9_-]{1,128}")
_ADVICE = "write a table of actors and push tokens, or text such as expire.accounts=TOKEN, separated by commas or lines"


class KumaSettings(BaseModel):
    """Descriptions say what to write."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    url: WebUrl = Field(title="Where it is", description="the address of Uptime Kuma", repr=False)
    heartbeats: dict[str, SecretStr] | SecretStr | None = Field(
        None,
        title="The push monitors of our periodic actors, and of `fleet`",
        description="a table of actors and push tokens, or text as expire.accounts=TOKEN,fleet=TOKEN",
    )
    late_after: timedelta = Field(
        timedelta(minutes=15),
        ge=timedelta(seconds=30),
        le=timedelta(days=7),
        title="How late a periodic actor may be until its heartbeat says down",
        description="a duration from 30s to 7d",
    )
    status_pages: tuple[Slug, ...] = Field(
        (),
        title="The status pages whose monitors are read",
        description="the slugs of published status pages",
    )
    metrics_key: SecretStr | None = Field(
        None, title="What /metrics is read with", description="an API key, or the password of metrics_user"
    )
    metrics_user: str = Field(
        "",
        max_length=255,
        pattern=r"^[^:]*$",
        title="Who reads /metrics, where there are no API keys",
        description="the name of the first user",
    )
    timeout: timedelta = Field(
        timedelta(seconds=20),
        ge=timedelta(seconds=1),
        le=timedelta(minutes=10),
        title="How long one call may take in all",
        description="a duration from 1s to 10m",
    )
    connect_timeout: timedelta = Field(
        timedelta(seconds=5),
        gt=timedelta(0),
        le=timedelta(minutes=1),
        title="How long connecting may take",
        description="a duration up to 1m",
    )
    ca_file: CaFile | None = Field(
        None,
        title="Which authorities are trusted besides those of the system",
        description="the path of a file of certificates to trust besides",
    )
    proxy: ProxyUrl | None = Field(
        None, title="Through which proxy it is reached", description="the address of an HTTP proxy"
    )

    @model_validator(mode="after")
    def _can_work(self) -> Self:
        self.push_tokens()
        return self

    def push_tokens(self) -> Mapping[str, str]:
        """Periodic actor, or `FLEET` -> push token.

        Raises:
            ValueError: what was written holds none; the message repeats nothing of it.
        """
        match self.heartbeats:
            case None:
                return MappingProxyType({})
            case dict() as table:
                found = {name: token.get_secret_value() for name, token in table.items()}
            case text:
                found = dict(map(_pair, filter(None, map(str.strip, re.split(r"[,\n]", text.get_secret_value())))))
        if not all(name and _TOKEN.fullmatch(token) for name, token in found.items()):
            raise ValueError(f"heartbeats holds something that is not a push token; {_ADVICE}")
        return MappingProxyType(found)


def _pair(text: str) -> tuple[str, str]:
    name, _, token = text.partition("=")
    return name.strip(), token.strip()
