"""What every instance of a provider may have beside its own settings and its guards, and what a retry preset is made of."""

from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from leeward.duration import Duration
from middleware.retries.presets import Preset
from workers.composition.instance import Criticality
from workers.settings.cron import Period


class BasicOptions(BaseModel):
    """Descriptions say what to write."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    enabled: bool = Field(
        default=True,
        title="Whether it takes new jobs and starts those that wait",
        description="true or false",
    )
    criticality: Criticality = Field(
        "important", title="How much depends on it", description="critical, important or optional"
    )
    health_every: Period | None = Field(
        None, title="How often its health is checked", description="a duration from 1s to 366d, as 30s"
    )


class InstanceOptions(BasicOptions):
    """With those that an author may have taken for a setting of the type: then the author's is meant."""

    depends_on: tuple[str, ...] = Field(
        (),
        title="What it needs beside its own service",
        description="names of dependencies and providers, separated by commas",
    )


class PresetValues(BaseModel):
    """What is left out is as in the preset that it changes, or as in `standard`."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    attempts: int | None = Field(
        None, ge=1, title="How often a job is tried in all", description="a whole number above 0"
    )
    shortest: Duration | None = Field(
        None, title="The shortest pause between two attempts", description="a duration as 1s"
    )
    longest: Duration | None = Field(
        None, title="The longest pause between two attempts", description="a duration as 30s"
    )

    def changed(self, preset: Preset) -> Preset:
        """Raises: ValueError: the pauses do not fit together."""
        values: dict[str, Any] = self.model_dump(exclude_none=True)
        return Preset(
            values.get("attempts", preset.attempts),
            values.get("shortest", preset.shortest),
            values.get("longest", preset.longest),
        )
