"""People join: an account, then a mail; many at once; and a fee that is charged once."""

from collections.abc import Callable, Iterable

import leeward
from leeward import Leeward, SendEmail, SyncUser


def join(fleet: Leeward, name: str, address: str) -> str:
    """An account, and when that is there, a mail. Each step has attempts of its own."""
    mail = SendEmail(to=(address,), subject="Your account", text=f"It is there, {name}.")
    key = leeward.key("join", "jellyfin", None, {"user": name})
    return fleet.enqueue(SyncUser(user=name), then=mail, idempotency_key=key).job_id


def join_all(fleet: Leeward, names: Iterable[str], secretary: str) -> str:
    """An account each, and one mail to the secretary when none of them is pending any more."""
    report = SendEmail(to=(secretary,), subject="Import", text="Every account is there, or has failed.")
    batch = fleet.enqueue_batch([SyncUser(user=name) for name in names], on_done=report, key="import-2026-11")
    return batch.batch_id


def charge(fleet: Leeward, order: str, cents: int, pay: Callable[[int], str]) -> str:
    """Code that is not a job, once for its key: a second call gets the stored answer."""
    with leeward.once(f"charge-{order}", fleet, payload={"cents": cents}) as call:
        if call.is_new:
            call.answer = pay(cents)
    receipt: str = call.answer
    return receipt
