"""Looks at the installed extensions and the configured providers, for `leeward check`, which runs it as a process of its own."""

import os
from collections.abc import Iterator

from leeward.extension import Context
from leeward.redaction import cleaned, hide_credentials
from workers.composition.answering import answer
from workers.composition.binding.opened_providers import OpenedProviders
from workers.composition.composition import Composition, compose
from workers.settings.reader.source import Source
from workers.settings.settings import Settings

Found = tuple[str, str, str]


def findings(settings: Settings) -> Iterator[Found]:
    """Name, verdict (`ok`, `warning` or `problem`) and detail of everything that was looked at."""
    composition = compose(settings)
    hide_credentials(composition.fleet.credentials())
    names = ", ".join(map(str, composition.installed))
    yield "extensions", "ok" if composition.installed else "warning", names or "none is installed"
    for broken in composition.broken:
        yield f"extension {broken.name}", "problem", f"{broken.why}; workers would not start"
    for problem in composition.problems:
        yield problem.name, "problem", f"{problem.advice.rstrip('.')}; workers would not start"
    if not composition.problems:
        source = f"as {settings.config} has them" if settings.config else "their defaults: LEEWARD_CONFIG is not set"
        guarded = ", ".join(sorted(composition.fleet.guards)) or "no provider"
        yield "guards", "ok", f"{source}, for {guarded}"
    yield from _providers(composition, settings)


def _providers(composition: Composition, settings: Settings) -> Iterator[Found]:
    instances = composition.instances
    if not instances:
        types = ", ".join(sorted(composition.extensions.types()))
        advice = (
            f"none is configured, so workers have nothing to do: write [providers.NAME] for one of the types {types}"
        )
        yield "providers", "warning", advice
        return
    off = [name for name, one in instances.items() if not one.enabled]
    switched_off = f"; switched off: {', '.join(off)}" if off else ""
    yield "providers", "ok", f"configured: {', '.join(instances)}{switched_off}"
    context = Context(database_url=settings.database_url, templates=composition.templates)
    opened = OpenedProviders(instances, lambda _: context)
    for name in (name for name in instances if name not in off):
        health = opened.health(name)
        yield f"provider {name}", "ok" if health.ok else "problem", health.detail
    opened.close()


def checked() -> list[dict[str, str]]:
    """The findings with this process's environment."""
    # What is wrong with the fleet's own settings is reported by the process that started this one.
    settings, _ = Settings.read(Source.read(os.environ))
    settings.hide_secrets()
    return [
        {"name": name, "verdict": verdict, "detail": cleaned(detail)} for name, verdict, detail in findings(settings)
    ]


if __name__ == "__main__":
    answer(checked)
