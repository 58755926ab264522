from broker.delivery.outcomes import Defer
from leeward.extension.errors import WAITS, Busy
from middleware.circuit.evidence import call_of, is_outage
from middleware.retries.classify import Meaning, classify, waiting

ERROR = Busy("another worker is writing this destination", provider="http", operation="download")


def test_what_another_worker_is_at_is_waited_for_without_an_attempt() -> None:
    assert classify(ERROR, effect_begun=False) is Meaning.WAIT
    assert waiting(ERROR) == Defer(WAITS[Busy], "Busy")


def test_it_says_nothing_about_the_provider() -> None:
    assert call_of(ERROR) is None
    assert not is_outage(ERROR, effect_marked=False)
