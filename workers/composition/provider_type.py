"""A type of provider, as the settings need to know it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic import BaseModel

from leeward.extension import Guards, Provider
from workers.settings.reader.names import capitals

GUARDS = frozenset(Guards.__annotations__)
RESERVED = frozenset({"type", "enabled", "criticality", "retry_preset", "health_every", "guards"})
"""Keys that every table `[providers.NAME]` may have, beside the names of `GUARDS`: no settings model has fields of these names. Both lists
are frozen for an api; later guards are written in `[providers.NAME.guards]`.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderType:
    """One type that an installed extension brings.

    Attributes:
        name: the `type` in `leeward.toml`.
        provider: the class.
        settings: the model of an instance's settings.
        guards: the author's, checked to be possible.
        prefix: how the variables of the instance begin that is named as its type.
        variables: field -> variable without prefix, where it is not made of `prefix` and the field's name; of that same instance.
        extension: the name of the extension.
        distribution: the package that it comes from.
    """

    name: str
    provider: type[Provider[Any]]
    settings: type[BaseModel]
    guards: Mapping[str, Any]
    prefix: str
    variables: Mapping[str, str] = field(default_factory=dict)
    extension: str = ""
    distribution: str = ""

    @classmethod
    def of(cls, provider: type[Provider[Any]], *, extension: str = "", distribution: str = "") -> "ProviderType":
        return cls(
            name=provider.type,
            provider=provider,
            settings=provider.settings_type,
            guards=provider.guards,
            prefix=provider.variable_prefix or capitals(provider.type),
            variables=provider.variables,
            extension=extension,
            distribution=distribution,
        )

    def variable_of(self, instance: str, field: str) -> str:
        """The variable of one setting, without `LEEWARD_`."""
        if instance != self.name:
            return f"{capitals(instance)}_{field.upper()}"
        return self.variables.get(field) or f"{self.prefix}_{field.upper()}"

    def needed(self) -> frozenset[str]:
        """The fields that have no default."""
        return frozenset(name for name, about in self.settings.model_fields.items() if about.is_required())
