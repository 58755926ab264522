"""A wave of dead letters is one that is larger than usual."""

import pytest

from broker.event_stream.spikes import LEAST, SpikeDetector
from broker.fleet.totals import Totals

MINUTE = 60.0


def died(count: int, reason: str = "permanent") -> dict[str, Totals]:
    return {"media": Totals(dead={("media.ytdlp", reason): count})}


def test_ten_dead_jobs_within_five_minutes_where_none_die_usually_are_a_spike() -> None:
    detector = SpikeDetector()
    detector.look(died(7), now=0)

    (spike,) = detector.look(died(7 + LEAST), now=MINUTE)

    assert (spike.provider, spike.dead, spike.usual, spike.reasons) == ("media", LEAST, 0.0, {"permanent": LEAST})


@pytest.mark.parametrize("fewer", [1, LEAST - 1])
def test_fewer_are_none(fewer: int) -> None:
    detector = SpikeDetector()
    detector.look(died(0), now=0)

    assert detector.look(died(fewer), now=MINUTE) == []


def test_what_died_before_the_first_look_is_none() -> None:
    assert SpikeDetector().look(died(1_000), now=0) == []


def test_as_many_as_usual_are_none_and_five_times_as_many_are_one() -> None:
    detector, dead = SpikeDetector(), 0
    for minute in range(61):
        dead += 2
        detector.look(died(dead), now=minute * MINUTE)

    assert detector.look(died(dead + 20), now=61 * MINUTE) == []
    (spike,) = detector.look(died(dead + 45), now=61 * MINUTE + 1)

    assert spike.usual == pytest.approx(10, abs=1)


def test_dead_jobs_of_a_provider_that_is_new_count() -> None:
    detector = SpikeDetector()
    detector.look({}, now=0)

    assert len(detector.look(died(LEAST), now=MINUTE)) == 1


def test_deaths_spread_over_hours_are_none() -> None:
    detector = SpikeDetector()

    found = [spike for hour in range(30) for spike in detector.look(died(hour), now=hour * 60 * MINUTE)]

    assert found == []
