"""Counts the effects outside the fleet, then writes the ledger."""

from demo.accounting import books, ledger, outside
from demo.accounting.ledger import Ledger
from demo.accounting.orders import Orders
from demo.accounting.outside import Seen
from demo.media_server import MediaServer
from demo.pace import Pace
from demo.processes.environment import Environment
from demo.scenario import leaving

_CHANGES = ("user_created", "user_enabled", "user_disabled")


def count(stage: Environment, orders: Orders, pace: Pace) -> Ledger:
    """The ledger as of now."""
    wanted = books.of_single_mails(stage.admin, orders.effects)
    return ledger.reckon(wanted, _seen(stage, pace), books.read(stage.admin, wanted))


def shared_message_ids(stage: Environment) -> list[str]:
    """Problems with the identity of mails."""
    return [f"Message-ID of more than one mail: {id_}" for id_ in outside.shared_message_ids(_mails(stage))]


def _seen(stage: Environment, pace: Pace) -> Seen:
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


def _mails(stage: Environment) -> list[dict[str, object]]:
    return stage.mail.events("mail_accepted")
