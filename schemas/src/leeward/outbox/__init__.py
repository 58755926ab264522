"""Jobs that are written in the caller's own database transaction: each of them is enqueued if and only if the transaction commits.

from leeward import outbox

with Session.begin() as session:
    session.add(order)
    outbox.add(session, SyncInvoice(...), idempotency_key=f"invoice-{order.id}")

`leeward outbox relay` moves the rows on. The extra `leeward[outbox]` brings what this needs; docs/outbox.md describes all of it.
"""

from typing import TYPE_CHECKING

from leeward.lazy_names import lazy_names

if TYPE_CHECKING:
    from leeward.outbox.adding import Added, add, add_async, add_many, add_many_async
    from leeward.outbox.schema import DOWNGRADE, UPGRADE, create_table
    from leeward.outbox.table import define_table

__all__ = [
    "DOWNGRADE",
    "UPGRADE",
    "Added",
    "add",
    "add_async",
    "add_many",
    "add_many_async",
    "create_table",
    "define_table",
]

_MODULES = {
    "adding": "Added add add_async add_many add_many_async",
    "schema": "DOWNGRADE UPGRADE create_table",
    "table": "define_table",
}

if not TYPE_CHECKING:
    __getattr__, __dir__ = lazy_names(__name__, {f"{__name__}.{module}": names for module, names in _MODULES.items()})
