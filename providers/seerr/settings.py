"""The settings of a Seerr or Overseerr server, in `[providers.NAME]` or as `LEEWARD_SEERR_URL` and so on."""

import re
from datetime import timedelta
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr

from leeward.extension import Duration
from providers.setting_values import CaFile, ProxyUrl, WebUrl

_API = "/api/v1"
_KEY = re.compile(r"[\x21-\x7e]+")
_HEADER_NAME = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")  # RFC 9110 §5.6.2


def _api_key(key: SecretStr) -> SecretStr:
    if not _KEY.fullmatch(key.get_secret_value()):
        raise ValueError("the API key must be printable characters (Settings, General)")
    return key


def _authorization(value: SecretStr) -> SecretStr:
    secret = value.get_secret_value()
    if not secret.strip() or not secret.isprintable():
        raise ValueError("must be the text that Seerr sends, at least one printable character")
    return value


def _header_name(name: str) -> str:
    if not _HEADER_NAME.fullmatch(name):
        raise ValueError("is not the name of a header; write for example Authorization")
    return name


def _at_least_a_millisecond(duration: timedelta) -> timedelta:
    if duration < timedelta(milliseconds=1):
        raise ValueError("must be longer than zero; write for example 10s")
    return duration


TimeLimit = Annotated[Duration, AfterValidator(_at_least_a_millisecond)]


class SeerrSettings(BaseModel):
    """Descriptions say what to write."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    url: WebUrl = Field(
        title="Where the server is", description="the address of the Seerr or Overseerr server", repr=False
    )
    api_key: Annotated[SecretStr, AfterValidator(_api_key)] = Field(
        title="What it knows the fleet by", description="the API key of the server"
    )
    user_id: int | None = Field(
        None,
        ge=1,
        title="As which user the fleet acts, where that is not the owner of the key",
        description="the id of a user of the server",
    )
    timeout: TimeLimit = Field(
        timedelta(seconds=10),
        title="How long one call may take in all",
        description="a duration as 10s",
    )
    health_timeout: TimeLimit = Field(
        timedelta(seconds=5),
        title="How long a health check may take",
        description="a duration as 5s",
    )
    webhook_header: Annotated[str, AfterValidator(_header_name)] = Field(
        "Authorization",
        title="Which header of its webhooks is compared",
        description="the name of a header",
    )
    webhook_authorization: Annotated[SecretStr, AfterValidator(_authorization)] | None = Field(
        None,
        title="What its webhooks are known by; without it none is taken",
        description="the Authorization Header of its webhook settings",
    )
    ca_file: CaFile | None = Field(
        None,
        title="Which authorities are trusted besides those of the system",
        description="the path of a file of certificates to trust besides",
    )
    proxy: ProxyUrl | None = Field(
        None, title="Through which proxy it is reached", description="the address of an HTTP proxy"
    )

    @property
    def api_url(self) -> str:
        """Where its API begins, also when the address was copied with it."""
        return self.url.removesuffix(_API) + _API
