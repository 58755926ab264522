"""The kinds of jobs that this process knows: the contract's own, and those that are added to them."""

import threading
from collections.abc import Iterable, Iterator

from leeward.download_file import DownloadFile
from leeward.job import Job
from leeward.send_email import SendEmail
from leeward.sync_user import SyncUser


class Kinds:
    """Kind and version -> model. Thread-safe. Nothing is ever taken away: a kind's meaning never changes."""

    def __init__(self, jobs: Iterable[type[Job]]) -> None:
        self._adding = threading.Lock()
        self._models: dict[tuple[str, int], type[Job]] = {}
        self.add(jobs)

    def add(self, jobs: Iterable[type[Job]]) -> None:
        """Makes these known. A kind and version that is known stays as it is."""
        with self._adding:
            known = dict(self._models)
            for job in jobs:
                known.setdefault((job.kind, job.version), job)
            self._models = known

    def get(self, kind: str, version: int) -> type[Job] | None:
        return self._models.get((kind, version))

    def __iter__(self) -> Iterator[type[Job]]:
        return iter(self._models.values())


KINDS = Kinds((SyncUser, SendEmail, DownloadFile))


def job_type(kind: str, version: int) -> type[Job] | None:
    """The model of a kind and version; None when this process does not know it."""
    return KINDS.get(kind, version)
