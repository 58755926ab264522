"""One configured instance of a provider, not opened."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from pydantic import BaseModel

from broker.guards.config import GuardConfig
from middleware.retries.presets import Preset
from workers.composition.provider_type import ProviderType

Criticality = Literal["critical", "important", "optional"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Instance:
    """What `[providers.NAME]` and the environment say of it.

    Attributes:
        name: the table's name; part of its queues' names.
        settings: checked.
        guards: the author's, changed by the profile, the table and the environment, in that order.
        retry_preset: for all jobs of the instance; None: what each actor says.
        health_every: None: as `LEEWARD_PROBE_SCHEDULE` says.
        depends_on: dependencies and providers that it needs.
        enabled: as the workers declare it: one that is switched off refuses new jobs, keeps those that wait, and is not looked at.
    """

    name: str
    type: ProviderType
    settings: BaseModel
    guards: GuardConfig
    retry_preset: Preset | None = None
    health_every: timedelta | None = None
    criticality: Criticality = "important"
    enabled: bool = True
    depends_on: tuple[str, ...] = ()
