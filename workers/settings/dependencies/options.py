"""What `[dependencies.NAME]` may have."""

from datetime import timedelta
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr

from leeward.duration import Duration
from workers.composition.instance import Criticality

DependencyType = Literal["database", "cache", "external-api", "other"]


class DependencyOptions(BaseModel):
    """Descriptions say what to write."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    type: DependencyType = Field(
        "external-api", title="What it is", description="database, cache, external-api or other"
    )
    criticality: Criticality = Field(
        "important", title="How much depends on it", description="critical, important or optional"
    )
    depends_on: tuple[str, ...] = Field(
        (), title="What it needs itself", description="names of providers and dependencies, separated by commas"
    )
    needed_by: tuple[str, ...] = Field(
        (), title="What needs it", description="names of providers and dependencies, separated by commas"
    )
    health_url: SecretStr | None = Field(
        None,
        title="Where its health is checked with a GET; a 2xx is healthy, a redirect is not followed",
        description="an address that begins with http:// or https://",
    )
    allow_private: bool = Field(
        default=False,
        title="Whether that may be at a private or local address",
        description="true or false",
    )
    timeout: Duration = Field(
        timedelta(seconds=5),
        ge=timedelta(milliseconds=100),
        le=timedelta(seconds=20),
        title="How long its health check may take",
        description="a duration from 100ms to 20s",
    )
