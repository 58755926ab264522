"""What the jobs do, what happens every ten minutes, and what follows when an account is disabled."""

from leeward import Leeward
from leeward.extension import Event, actor, begin_effect, child_key, on, periodic, report_progress
from leeward_acme.jobs import SyncInvoice
from leeward_acme.provider import Acme, Invoice


@actor(SyncInvoice, provider=Acme, retry_preset="quick", unknown_outcome="verify")
def sync_invoice(job: SyncInvoice, acme: Acme) -> Invoice:
    """Its result is Acme's record of the invoice."""
    report_progress(done=0, total=1)
    begin_effect()
    return acme.put_invoice(job.number, job.cents)


@sync_invoice.verify
def is_synced(job: SyncInvoice, acme: Acme) -> bool:
    record = acme.invoice(job.number)
    return record is not None and record["cents"] == job.cents


@periodic("*/10 * * * *", provider=Acme)
def chase_overdue(acme: Acme, fleet: Leeward) -> None:
    """Sends the reminder fee again, once a tick for each instance."""
    fleet.enqueue(SyncInvoice(provider=acme.name, number="INV-1", cents=1), idempotency_key=child_key("INV-1"))


@on("user.disabled")
def close_account(event: Event, fleet: Leeward) -> None:
    """Books the closing fee, once an event."""
    fleet.enqueue(SyncInvoice(number="INV-2", cents=1), idempotency_key=child_key("INV-2"))
