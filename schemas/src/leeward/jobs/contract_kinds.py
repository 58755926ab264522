"""The kinds of the contract, and where the model of each is: a model is imported when it is first used, and not at every start."""

from collections.abc import Iterable
from importlib import import_module
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from leeward.jobs.job import Job


class ContractKind(NamedTuple):
    """What can be said of a kind without its model, in which the same is written (`tests/contract/test_contract_kinds.py`).

    Attributes:
        model: `package.module:Class`, below `leeward.jobs`.
        family, idempotent, marks_effect: see `Job`.
    """

    kind: str
    version: int
    model: str
    family: str
    idempotent: bool = False
    marks_effect: bool = False

    def load(self) -> "type[Job]":
        """The model."""
        module, _, name = self.model.partition(":")
        found: type[Job] = getattr(import_module(f"leeward.jobs.{module}"), name)
        return found


CONTRACT_KINDS: Final[Iterable[ContractKind]] = (
    ContractKind("download.file", 1, "download.file:DownloadFile", "download", idempotent=True),
    ContractKind("download.media", 1, "download.media:DownloadMedia", "media", idempotent=True),
    ContractKind("email.batch", 1, "email.batch:SendEmailBatch", "batch", idempotent=True),
    ContractKind("email.send", 1, "email.send:SendEmail", "email", marks_effect=True),
    ContractKind("notify.telegram", 1, "notify.telegram:NotifyTelegram", "notify", marks_effect=True),
    ContractKind("notify.webhook", 1, "notify.webhook:NotifyWebhook", "notify", idempotent=True),
    ContractKind("register.account", 1, "register.account:RegisterAccount", "register", idempotent=True),
    ContractKind("sync.collection", 1, "sync.collection:SyncCollection", "collection", idempotent=True),
    ContractKind("sync.library", 1, "sync.library:SyncLibrary", "library", idempotent=True),
    ContractKind("sync.request", 1, "sync.request:SyncRequest", "request", idempotent=True),
    ContractKind("sync.requests", 1, "sync.requests:SyncRequests", "requests", idempotent=True),
    ContractKind("sync.user", 1, "sync.user:SyncUser", "sync", idempotent=True),
    ContractKind("sync.users", 1, "sync.users:SyncUsers", "users", idempotent=True),
)
"""Sorted by kind. A queue has the jobs of one kind if each kind that an instance serves has a family of its own: only then can an operator
give an actor numbers of its own, as `[actors."sync.user"] limit`.
"""
