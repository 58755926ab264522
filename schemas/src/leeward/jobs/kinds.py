"""The kinds of jobs that this process knows: the contract's own, those of its extensions, and those that workers have published."""

import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Protocol

from leeward.jobs.contract_kinds import CONTRACT_KINDS, ContractKind
from leeward.jobs.job import Job
from leeward.record.kind_schema import secret_paths
from leeward.record.published_kind import PublishedKind

Published = Callable[[], Iterable[PublishedKind]]


class KindFacts(Protocol):
    """What a job class and a published kind have in common."""

    @property
    def kind(self) -> str: ...
    @property
    def version(self) -> int: ...
    @property
    def family(self) -> str: ...
    @property
    def idempotent(self) -> bool: ...
    @property
    def marks_effect(self) -> bool: ...


class Kinds:
    """Kind and version -> model. Thread-safe. Nothing is ever taken away: a kind's meaning never changes.

    A class takes precedence over a published record of the same kind and version. A kind of the contract, or a published one, becomes a
    class when it is first looked up.

    Args:
        jobs: the classes that are known from the start.
        contract: the kinds whose classes are imported when they are needed.
        clock: monotonic seconds.
    """

    def __init__(
        self,
        jobs: Iterable[type[Job]] = (),
        *,
        contract: Iterable[ContractKind] = (),
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._changing = threading.Lock()
        self._contract = {(one.kind, one.version): one for one in contract}
        self._models: dict[tuple[str, int], type[Job]] = {}
        self._published: dict[tuple[str, int], PublishedKind] = {}
        self._described: dict[str, tuple[type[Job], ...]] = {}
        self._made: dict[tuple[str, int], tuple[PublishedKind, type[Job]]] = {}
        self._clock = clock
        self._source: tuple[Published, timedelta] | None = None
        self._ask_at = 0.0
        self.add(jobs)

    def add(self, jobs: Iterable[type[Job]]) -> None:
        """Makes these known. A kind and version that is known by its class stays as it is."""
        with self._changing:
            known = dict(self._models)
            for job in jobs:
                name = (job.kind, job.version)
                known.setdefault(name, self._contract[name].load() if name in self._contract else job)
            self._models, self._described = known, {}

    def learn(self, published: Iterable[PublishedKind]) -> None:
        """Makes these known, in place of what was published of them before; only what was secret stays secret."""
        with self._changing:
            known = dict(self._published)
            for kind in published:
                before = known.get((kind.kind, kind.version))
                secrets = {*kind.secrets, *(before.secrets if before else ())}
                after = kind.model_copy(update={"secrets": tuple(sorted(secrets))})
                if after != before:
                    known[kind.kind, kind.version] = after
            if known != self._published:
                self._published, self._described = known, {}

    @contextmanager
    def following(self, source: Published, *, every: timedelta = timedelta(seconds=1)) -> Iterator[None]:
        """Reads a source meanwhile: when a kind is looked up, and not more often than this. What the source raises reaches the caller of
        that look-up.
        """
        before = (self._source, self._ask_at)
        self._source, self._ask_at = (source, every), self._clock()
        try:
            yield
        finally:
            self._source, self._ask_at = before

    def get(self, kind: str, version: int) -> type[Job] | None:
        """The model of a kind and version; None when this process does not know it."""
        known = self._models.get((kind, version)) or self._loaded(kind, version)
        if known is None:
            self._ask()
        return known or self._class(kind, version)

    def versions(self, kind: str) -> tuple[type[Job], ...]:
        """A kind's models, oldest first; empty when this process does not know it."""
        self._ask()
        known = sorted({*self._models, *self._contract, *self._published})
        return tuple(job for name, version in known if name == kind and (job := self.get(name, version)))

    def descriptions(self, kind: str) -> tuple[type[Job], ...]:
        """All that is known of where a kind's payloads can hold a secret: its models, and what other releases call secret."""
        self._ask()
        # Asked for before the kinds: what another thread learns meanwhile begins a new one.
        described = self._described
        known = described.get(kind)
        if known is None:
            models = self.versions(kind)
            more = [self._class(kind, job.version) for job in models if self._hides_more(job)]
            described[kind] = known = (*models, *filter(None, more))
        return known

    def facts(self) -> tuple[KindFacts, ...]:
        """What is known of every kind and version, also where a class and a published kind say different things of it."""
        self._ask()
        unread = (one for name, one in self._contract.items() if name not in self._models)
        return (*self._models.values(), *unread, *self._published.values())

    def names(self) -> list[str]:
        """Every kind, sorted."""
        return sorted({known.kind for known in self.facts()})

    def packages(self) -> frozenset[str]:
        """The import packages of the extensions that serve published kinds."""
        self._ask()
        return frozenset(package for kind in self._published.values() for package in kind.packages)

    def __iter__(self) -> Iterator[type[Job]]:
        """The classes that were added, and those of the contract."""
        self.add(one.load() for one in self._contract.values())
        return iter(self._models.values())

    def _loaded(self, kind: str, version: int) -> type[Job] | None:
        contract = self._contract.get((kind, version))
        if contract is None:
            return None
        job = contract.load()
        self.add([job])
        return job

    def _hides_more(self, job: type[Job]) -> bool:
        published = self._published.get((job.kind, job.version))
        return published is not None and not set(published.secrets) <= set(secret_paths(job))

    def _class(self, kind: str, version: int) -> type[Job] | None:
        published = self._published.get((kind, version))
        if published is None:
            return None
        known = self._made.get((kind, version))
        if known is None or known[0] is not published:
            # Two threads may both make it; either will do.
            self._made[kind, version] = known = (published, published.job_class())
        return known[1]

    def _ask(self) -> None:
        if self._source is None or self._clock() < self._ask_at:
            return
        source, every = self._source
        self.learn(source())
        self._ask_at = self._clock() + every.total_seconds()


KINDS = Kinds(contract=CONTRACT_KINDS)


def job_type(kind: str, version: int) -> type[Job] | None:
    """The model of a kind and version; None when this process does not know it."""
    return KINDS.get(kind, version)
