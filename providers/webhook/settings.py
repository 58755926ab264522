"""The settings of webhooks, in `[providers.NAME]` or as `LEEWARD_WEBHOOK_URL` and so on."""

from datetime import timedelta
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator, model_validator

from providers.setting_values import CaFile, ProxyUrl
from providers.webhook.signature import signing_key


class WebhookSettings(BaseModel):
    """Descriptions say what to write."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    url: SecretStr | None = Field(
        None,
        title="The receiver, where it is not for each job to name one",
        description="the address of the receiver",
    )
    secret: SecretStr | None = Field(
        None,
        title="What that receiver verifies with",
        description="whsec_ and 24 to 64 random bytes in base64",
    )
    previous_secret: SecretStr | None = Field(
        None,
        title="The secret before that, while the receiver may still verify with it",
        description="whsec_ and 24 to 64 random bytes in base64",
    )
    allow_private: bool = Field(
        default=False, title="Whether receivers may be at private and local addresses", description="true or false"
    )
    timeout: timedelta = Field(
        timedelta(seconds=30),
        ge=timedelta(seconds=1),
        le=timedelta(minutes=10),
        title="How long one attempt may take in all",
        description="a duration from 1s to 10m; 15s to 30s are recommended",
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
        None, title="Through which proxy receivers are reached", description="the address of an HTTP proxy"
    )

    @field_validator("url")
    @classmethod
    def _can_be_asked(cls, url: SecretStr | None) -> SecretStr | None:
        from providers.http_client.location import LocationRefused, location  # not for a worker that has no webhooks

        if url is not None:
            try:
                location(url.get_secret_value())
            except LocationRefused:
                raise ValueError("is not a web address; write https://host/path") from None
        return url

    @field_validator("secret", "previous_secret")
    @classmethod
    def _can_sign(cls, secret: SecretStr | None) -> SecretStr | None:
        if secret is not None:
            signing_key(secret.get_secret_value())
        return secret

    @model_validator(mode="after")
    def _belongs_together(self) -> Self:
        if (self.url is None) != (self.secret is None):
            raise ValueError("give both url and secret, or neither where each job names its receiver")
        if self.previous_secret is not None and self.secret is None:
            raise ValueError("previous_secret is for an instance with a secret")
        return self
