"""What the workers of a fleet serve, published by them in Valkey: kinds, providers, actors and their queues, extensions."""

from leeward.record.catalogue import (
    Catalogue,
    InstalledExtension,
    KindSummary,
    ServedActor,
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
    "ServedProvider",
]
