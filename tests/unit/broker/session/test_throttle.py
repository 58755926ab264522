"""How long a guard keeps a consumer from jobs."""

import pytest

from broker.session.throttle import Throttle


def test_the_time_from_being_turned_away_to_the_next_look_is_told_with_its_guard() -> None:
    throttle = Throttle()

    assert throttle.look(10.0, "open") is None
    assert throttle.look(13.0) == ("open", 3.0)
    assert throttle.look(20.0) is None


def test_every_look_in_between_tells_what_has_passed_and_a_new_guard_begins_its_own() -> None:
    throttle = Throttle()
    throttle.look(0.0, "open")
    told = [throttle.look(4.0, "open"), throttle.look(5.0, "half_open"), throttle.look(5.5, "full"), throttle.look(6.0)]

    assert told == [("open", 4.0), ("open", 1.0), ("half_open", 0.5), ("full", 0.5)]
    assert sum(kept.seconds for kept in told if kept) == pytest.approx(6.0)
