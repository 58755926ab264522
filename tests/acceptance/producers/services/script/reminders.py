from datetime import timedelta

from leeward import Leeward, QueueFull, SendEmail


def remind(fleet: Leeward, address: str) -> bool:
    """Sends a reminder in a day. False where there is no room for it now."""
    mail = SendEmail(to=(address,), subject="Your trial ends", text="It ends in two days.")
    try:
        fleet.enqueue(mail, delay=timedelta(days=1), priority="bulk", partition=address, tags=["trial"])
    except QueueFull:
        return False
    return True
