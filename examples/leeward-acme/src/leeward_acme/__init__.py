"""Copies invoices to Acme: an extension of a Leeward fleet."""

from leeward.extension import Extension
from leeward_acme.actors import chase_overdue, close_account, sync_invoice
from leeward_acme.jobs import SyncInvoice
from leeward_acme.provider import Acme

extension = Extension(
    "acme", api=1, providers=[Acme], actors=[sync_invoice], periodic=[chase_overdue], handlers=[close_account]
)

__all__ = ["Acme", "SyncInvoice", "extension"]
