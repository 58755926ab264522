"""What a package brings to a fleet: one object, named by an entry point of the group `leeward.extensions`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

from leeward.extension.actor import Actor
from leeward.extension.events.handler import Handler
from leeward.extension.periodic import Periodic
from leeward.extension.provider import Provider
from leeward.extension.recovery.action import RecoveryAction
from leeward.extension.resource import Resource
from leeward.extension.webhooks.reader import WebhookReader

API = 1
"""The version of this seam. It grows with breaking changes only: `docs/adr/` has the rules."""
GROUP = "leeward.extensions"


@dataclass(frozen=True, slots=True, init=False)
class Extension:
    """Making one registers nothing and raises nothing; a worker that loads it checks it.

    Attributes:
        name: lower-case letters, digits, `-` and `_`; part of the names of periodic actors and event handlers.
        api: the version of the seam that it was written for.
        providers: classes; `leeward.toml` has their instances.
        actors: one a kind of job and class of providers. Two of a kind have the same model and the same `unknown_outcome`.
        periodic: what happens at regular times.
        handlers: who receives events.
        events: types of events that its jobs emit, beside those of the fleet (`EVENT_TYPES`) -> when, and the keys of their data.
        resources: what a process opens once and several providers share.
        templates: a folder of mail templates.
        webhooks: what the webhooks of their services mean to providers.
        recovery: what the fleet does by itself when something fails.
    """

    name: str
    api: int
    providers: tuple[type[Provider[Any]], ...]
    actors: tuple[Actor[..., Any, Any, Any], ...]
    periodic: tuple[Periodic[..., Any], ...]
    handlers: tuple[Handler[..., Any], ...]
    events: Mapping[str, str]
    resources: tuple[type[Resource], ...]
    templates: Path | None
    webhooks: tuple[WebhookReader[Any], ...]
    recovery: tuple[RecoveryAction[...], ...]

    def __init__(
        self,
        name: str,
        *,
        api: int,
        providers: Sequence[type[Provider[Any]]] = (),
        actors: Sequence[Actor[..., Any, Any, Any]] = (),
        periodic: Sequence[Periodic[..., Any]] = (),
        handlers: Sequence[Handler[..., Any]] = (),
        events: Mapping[str, str] = MappingProxyType({}),
        resources: Sequence[type[Resource]] = (),
        templates: Path | None = None,
        webhooks: Sequence[WebhookReader[Any]] = (),
        recovery: Sequence[RecoveryAction[...]] = (),
    ) -> None:
        fields = {
            "name": name,
            "api": api,
            "providers": tuple(providers),
            "actors": tuple(actors),
            "periodic": tuple(periodic),
            "handlers": tuple(handlers),
            "events": MappingProxyType(dict(events)),
            "resources": tuple(resources),
            "templates": templates,
            "webhooks": tuple(webhooks),
            "recovery": tuple(recovery),
        }
        for field, value in fields.items():
            object.__setattr__(self, field, value)
