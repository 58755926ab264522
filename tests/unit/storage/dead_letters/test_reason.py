from broker.delivery.outcomes import DeadReason
from storage.dead_letters.reason import Reason


def test_storage_knows_the_reasons_of_the_broker() -> None:
    assert {reason.name: reason.value for reason in Reason} == {reason.name: reason.value for reason in DeadReason}
