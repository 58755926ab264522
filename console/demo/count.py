"""Goes round and counts, then draws up the ledger."""

from console.demo import books, ledger, outside
from console.demo.ledger import Ledger
from console.demo.media_server import MediaServer
from console.demo.orders import Orders
from console.demo.outside import Seen
from console.demo.pace import Pace
from console.demo.programme import leaving
from console.demo.stage import Stage

_CHANGES = ("user_created", "user_enabled", "user_disabled")


def count(stage: Stage, orders: Orders, pace: Pace) -> Ledger:
    """The ledger as of now."""
    wanted = books.of_single_mails(stage.admin, orders.effects)
    return ledger.reckon(wanted, _seen(stage, pace), books.read(stage.admin, wanted))


def shared_message_ids(stage: Stage) -> list[str]:
    """Problems with the identity of mails."""
    return [f"Message-ID of more than one mail: {id_}" for id_ in outside.shared_message_ids(_mails(stage))]


def _seen(stage: Stage, pace: Pace) -> Seen:
    ours = set(leaving(pace))  # those were made before the fleet had anything to do
    events = [
        event
        for name in _CHANGES
        for event in stage.jellyfin.events(name)
        if not (name == "user_created" and event["name"] in ours)
    ]
    with MediaServer(stage.jellyfin.url) as server:
        users = outside.users(events, server.accounts())
    return users + outside.mails(_mails(stage)) + outside.files(stage.downloads)


def _mails(stage: Stage) -> list[dict[str, object]]:
    return stage.mail.events("mail_accepted")
