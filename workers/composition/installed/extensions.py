"""The extensions of this environment: found by their entry points, checked before any of their work runs."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from importlib.metadata import EntryPoint, entry_points
from typing import Any

from leeward.errors import Unusable
from leeward.extension import GROUP, Extension, Provider
from leeward.redaction import cleaned
from workers.composition.installed.duplicates import duplicate_of
from workers.composition.installed.emitters import without_emitter
from workers.composition.installed.soundness import problem_of
from workers.composition.provider_type import ProviderType


@dataclass(frozen=True, slots=True)
class Installed:
    """An extension that can be used, and where it comes from.

    Attributes:
        distribution: the name of its package in the environment; empty for one that a test composes.
        version: the package's.
        packages: the import packages of its code, as `leeward_acme`.
    """

    extension: Extension
    distribution: str = ""
    version: str = ""
    packages: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        return self.extension.name

    def __str__(self) -> str:
        return f"{self.name} ({self.distribution} {self.version})" if self.distribution else self.name


@dataclass(frozen=True, slots=True)
class Broken:
    """An extension that cannot be used.

    Attributes:
        name: the package, its version and the entry point.
        why: what is wrong, and what to do.
    """

    name: str
    why: str

    def __str__(self) -> str:
        return f"the extension {self.name} cannot be used: {self.why}"


@dataclass(frozen=True, slots=True)
class Extensions:
    """What this environment has."""

    installed: tuple[Installed, ...] = ()
    broken: tuple[Broken, ...] = ()

    def types(self) -> dict[str, ProviderType]:
        """The types of providers, by name."""
        return {
            provider.type: ProviderType.of(provider, extension=one.name, distribution=one.distribution)
            for one in self.installed
            for provider in one.extension.providers
        }


class BrokenExtensions(Unusable):
    """Raised when a worker would have to run with less than what is installed.

    Attributes:
        broken: every extension that cannot be used.
    """

    code = "broken_extensions"

    def __init__(self, broken: Sequence[Broken]) -> None:
        super().__init__("; ".join(map(str, broken)))
        self.broken = tuple(broken)


def load(points: Iterable[EntryPoint] | None = None) -> Extensions:
    """Imports every extension of this environment, in the order of their names. Raises nothing: what is wrong with one hides no other.

    Args:
        points: the entry points; those of the group `leeward.extensions` when absent.
    """
    found = entry_points(group=GROUP) if points is None else points
    installed, broken = list[Installed](), list[Broken]()
    for point in sorted(found, key=lambda one: (one.name, one.value)):
        loaded = _load(point, installed)
        if isinstance(loaded, Installed):
            installed.append(loaded)
        else:
            broken.append(loaded)
    homeless = {one.name: why for one in installed if (why := _unserved(one.extension, installed))}
    broken += [Broken(str(one), homeless[one.name]) for one in installed if one.name in homeless]
    return Extensions(tuple(one for one in installed if one.name not in homeless), tuple(broken))


def composed_of(extensions: Iterable[Extension]) -> Extensions:
    """The same for extensions at hand, without entry points: for tests.

    Raises:
        BrokenExtensions: one cannot be used.
    """
    installed = list[Installed]()
    for extension in extensions:
        if why := _wrong(extension, installed):
            raise BrokenExtensions([Broken(getattr(extension, "name", repr(extension)), why)])
        installed.append(Installed(extension, packages=_packages(extension)))
    for one in installed:
        if why := _unserved(one.extension, installed):
            raise BrokenExtensions([Broken(one.name, why)])
    return Extensions(tuple(installed))


def _load(point: EntryPoint, others: Sequence[Installed]) -> Installed | Broken:
    distribution, version = (point.dist.name, point.dist.version) if point.dist else ("", "")
    name = f"{point.name} ({distribution} {version}, {point.value})" if distribution else point.value
    try:
        extension = point.load()
    except Exception as error:  # an import may raise anything
        return Broken(name, f"importing {point.value} raises {type(error).__name__}: {cleaned(str(error))}")
    if why := _wrong(extension, others):
        return Broken(name, why)
    packages = dict.fromkeys((point.module.partition(".")[0], *_packages(extension)))
    return Installed(extension, distribution, version, tuple(packages))


def _wrong(extension: Any, others: Sequence[Installed]) -> str | None:
    return problem_of(extension) or duplicate_of(extension, {str(one): one.extension for one in others})


def _unserved(extension: Extension, installed: Sequence[Installed]) -> str | None:
    """What it brings for a class of providers, or for a type of events, that no installed extension brings."""
    return _without_provider(extension, installed) or without_emitter(extension, (one.extension for one in installed))


def _without_provider(extension: Extension, installed: Sequence[Installed]) -> str | None:
    brought = [provider for one in installed for provider in one.extension.providers]
    for declared in (*extension.actors, *extension.periodic, *extension.handlers):
        wanted: type[Provider[Any]] | None = getattr(declared, "provider", None)
        if wanted is not None and not any(issubclass(provider, wanted) for provider in brought):
            name = wanted.__name__
            return f"{declared.__name__} is for {name}, which no installed extension brings; name it in Extension(providers=[{name}])"
    return None


def _packages(extension: Extension) -> tuple[str, ...]:
    parts = (*extension.providers, *extension.actors, *extension.periodic, *extension.handlers)
    return tuple(dict.fromkeys(part.__module__.partition(".")[0] for part in parts))
