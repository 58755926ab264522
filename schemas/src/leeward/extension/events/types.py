"""The types of events that the fleet itself emits. A new type is one line here, and `emit_event` or `emit.lua` where it happens."""

from collections.abc import Mapping
from types import MappingProxyType

EVENT_TYPES: Mapping[str, str] = MappingProxyType(
    {
        "circuit.opened": "A provider fails: its jobs wait. Data: provider, cause, by, state, mode.",
        "circuit.half_opened": "A few jobs try whether a provider works again. Data: provider, cause, by, state, mode.",
        "circuit.closed": "A provider works again. Data: provider, cause, by, state, mode.",
        "circuit.mode_set": "A person, or the end of a time limit, set a circuit's mode. Data: provider, cause, by, state, mode.",
        "dead_letters.spike": "Many more jobs of a provider die than usually. Data: provider, dead, within_seconds, usual, reasons.",
        "download.started": "A worker began to download a file or a film. Data: provider, kind, destination.",
        "download.completed": "It is in its place, whole. Data: provider, kind, destination, path, size_bytes.",
        "download.failed": "Its job died. Data: provider, kind, destination, reason, code.",
        "user.disabled": "A provider confirmed that an account is disabled. Data: provider, user.",
        "worker.lost": "A worker or scheduler fell silent without saying that it stops. Data: process, role, release, silent_seconds.",
    }
)
"""Type -> when it is emitted, and the keys of its data."""
