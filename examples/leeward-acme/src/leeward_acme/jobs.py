"""The jobs that other services enqueue. They install this package and `leeward`, and nothing of the fleet."""

from typing import ClassVar

from pydantic import Field

from leeward import Job, SecretText


class SyncInvoice(Job):
    """Copies one invoice to Acme. Doing it twice is harmless: Acme keeps one invoice for each number."""

    kind: ClassVar[str] = "sync.invoice"
    version: ClassVar[int] = 1
    family: ClassVar[str] = "sync"
    idempotent: ClassVar[bool] = True

    provider: str = "acme"
    number: str = Field(pattern=r"^INV-\d+$")
    cents: int = Field(gt=0)
    portal_password: SecretText | None = None
