from datetime import timedelta

from workers.relay.readiness import QUIET, relay_problems
from workers.relay.relay import RelaySign


def test_a_relay_that_reached_both_servers_lately_is_ready_also_after_an_error() -> None:
    assert relay_problems(RelaySign(0.0, away="valkey", problem="it is gone"), QUIET) == []


def test_a_relay_that_cannot_says_why() -> None:
    (problem,) = relay_problems(RelaySign(0.0, away="valkey", problem="Valkey is gone"), timedelta(seconds=30))
    assert problem == "no row of the outbox could be enqueued for 30 s: Valkey is gone"


def test_a_relay_that_hangs_is_not_ready() -> None:
    (problem,) = relay_problems(RelaySign(0.0), timedelta(minutes=2))
    assert "it hangs" in problem
