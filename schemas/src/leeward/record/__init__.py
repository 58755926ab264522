"""What the workers of a fleet serve, published by them in Valkey: kinds, providers, actors and their queues, extensions."""

from typing import TYPE_CHECKING

from leeward.lazy_names import lazy_names

if TYPE_CHECKING:
    from leeward.record.catalogue import (
        Catalogue,
        InstalledExtension,
        KindSummary,
        ServedActor,
        ServedDependency,
        ServedProvider,
    )
    from leeward.record.fleet_record import FleetRecord
    from leeward.record.published_kind import Origin, PublishedKind

__all__ = [
    "Catalogue",
    "FleetRecord",
    "InstalledExtension",
    "KindSummary",
    "Origin",
    "PublishedKind",
    "ServedActor",
    "ServedDependency",
    "ServedProvider",
]

_MODULES = {
    "leeward.record.catalogue": "Catalogue InstalledExtension KindSummary ServedActor ServedDependency ServedProvider",
    "leeward.record.fleet_record": "FleetRecord",
    "leeward.record.published_kind": "Origin PublishedKind",
}

if not TYPE_CHECKING:  # type checkers know every name, and so a mistake
    __getattr__, __dir__ = lazy_names(__name__, _MODULES)
